"""Definition files: every value knows its place, and every mistake is a problem with one."""

from __future__ import annotations

import pytest

from onefold.core.document import MAX_BYTES, parse_yaml, read_yaml
from onefold.core.errors import Place, Problem, Problems, UserError


def test_places() -> None:
    section = read_yaml("a: 1\nb:\n  c: two\n  d: [x, y]\n", "f.yaml")
    inner = section.section("b")
    assert inner is not None
    assert str(inner.place_of("c")) == "f.yaml:3:6"
    assert str(inner.place_of_key("c")) == "f.yaml:3:3"
    assert [(item, place.line, place.column) for item, place in inner.items_of("d")] == [("x", 4, 7), ("y", 4, 10)]


def test_flow_mappings_have_places_too() -> None:
    section = read_yaml("f: {count: paid,\n    within: 7d}\n", "f.yaml").section("f")
    assert section is not None
    assert section.place_of("within").line == 2


def test_values_are_texts_as_they_are_written() -> None:
    section = read_yaml("a: true\nb: 12\nc: x\nd:\n", "f.yaml")
    assert [section.text(key) for key in "abcde"] == ["true", "12", "x", None, None]


def test_misspelt_keys_are_problems() -> None:
    section = read_yaml("colour: red\ncolor: blue\n", "f.yaml")
    section.only("colour")
    (problem,) = section.problems.found
    assert problem.place == Place("f.yaml", 2, 1)
    assert "colour" in problem.remedy


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\na: 2\n", 2), ("a: [1,\n", 2), ("- a\n- b\n", 1), ("a: b: c\n", 1), ("\ta: 1\n", 1), ("just text\n", 1)],
)
def test_what_is_no_mapping(text: str, line: int) -> None:
    with pytest.raises(UserError) as caught:
        read_yaml(text, "f.yaml")
    assert caught.value.problems[0].place.line == line


def test_hostile_files_are_refused_in_bounded_time() -> None:
    for text in ("a: " + "[" * 20_000, "x" * (MAX_BYTES + 1), "a: !!python/object/apply:os.system [id]\n"):
        problems = Problems()
        section = parse_yaml(text, "f.yaml", problems)
        assert problems.found or section is not None
        if section is not None:
            assert section.text("a") is None or "os.system" not in (section.text("a") or "")
    pairs = zip("abcdefghij", "bcdefghijk", strict=True)
    laughs = "a: &a [x, x]\n" + "".join(f"{key}: &{key} [*{before}, *{before}]\n" for before, key in pairs)
    assert read_yaml(laughs, "f.yaml").keys()[0] == "a"


def test_problems_come_sorted_and_all_at_once() -> None:
    problems = Problems()
    problems.add("b", "why", "do", Place("f", 9))
    problems.add("a", "why", "do", Place("f", 2))
    with pytest.raises(UserError) as caught:
        problems.raise_if_any()
    assert [problem.what for problem in caught.value.problems] == ["a", "b"]
    assert str(caught.value) == "f:2: a: why. do\nf:9: b: why. do"


def test_inner_places() -> None:
    assert Place("f", 3, 7).shifted(1, 4) == Place("f", 3, 10)
    assert Place("f", 3, 7).shifted(2, 4) == Place("f", 4, 4)
    assert str(Problem("x", "y", "z")) == "x: y. z"
