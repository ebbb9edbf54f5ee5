"""The pages of rules: every rule has a number, an example, and a line in the table of contents."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import pytest
from tests.docs.blocks import anchors
from tests.docs.workspaces import ENTRY, PAGES

_RULE = re.compile(r"^### (R(\d)\.(\d+)) (.+)$", re.MULTILINE)
_LISTED = re.compile(r"^\| \[(R\d\.\d+)\]\(([^)]+)\) \| (.+) \|$", re.MULTILINE)


def _rules(page: Path) -> list[tuple[int, int]]:
    return [(int(section), int(number)) for _, section, number, _ in _RULE.findall(page.read_text("utf-8"))]


def test_rules_are_numbered_without_gaps() -> None:
    for page in PAGES:
        numbers = _rules(page)
        assert numbers == [(numbers[0][0], numbers[0][1] + at) for at in range(len(numbers))], page.name
    found = sorted(number for page in PAGES for number in _rules(page))
    sections = {section: [number for _, number in some] for section, some in groupby(found, lambda one: one[0])}
    assert list(sections) == [2, 3, 4, 5]
    for counted in sections.values():
        assert counted == list(range(1, len(counted) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_rule_has_an_example(page: Path) -> None:
    parts = re.split(r"^#{2,3} ", page.read_text("utf-8"), flags=re.MULTILINE)
    rules = [part for part in parts if re.match(r"R\d", part)]
    assert rules
    assert [part.partition("\n")[0] for part in rules if "\n>>> " not in part] == []


def test_the_table_of_contents_names_every_rule() -> None:
    stated = {}
    for page in PAGES:
        for number, _, _, title in _RULE.findall(page.read_text("utf-8")):
            anchor = re.sub(r"[^\w\- ]", "", f"{number} {title}".lower()).replace(" ", "-")
            assert anchor in anchors(page)
            stated[number] = (f"rules/{page.name}#{anchor}", title)
    listed = _LISTED.findall(ENTRY.read_text("utf-8"))
    assert {number: (target, title) for number, target, title in listed} == stated
    in_order = sorted(stated, key=lambda number: [int(part) for part in number[1:].split(".")])
    assert [number for number, _, _ in listed] == in_order
