"""What the documentation shows is so: examples give what stands below them, links lead somewhere."""

from __future__ import annotations

import doctest
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.docs.blocks import ROOT, anchors, blocks, links, pages
from tests.docs.workspaces import PAGES, python_blocks, write_workspace

from onefold.features.aggregates import REGISTRY

EXAMPLE = ROOT / "examples" / "tiny-bank"
WITH_PYTHON = [page for page in pages() if any(">>>" in block.body for block in blocks(page, "python"))]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", WITH_PYTHON, ids=_name)
def test_python_examples(page: Path, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if page in PAGES:
        write_workspace(page, tmp_path / "rules")
    else:
        shutil.copytree(shelf / "tiny-bank", tmp_path / "tiny-bank")
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    names: dict[str, object] = {}
    failures: list[str] = []
    for shown, block in python_blocks(page):
        test = doctest.DocTestParser().get_doctest(block.body, names, _name(shown), _name(shown), block.line - 1)
        test.globs = names  # not a copy of them: functions of earlier blocks see what later ones bind
        runner.run(test, out=failures.append, clear_globs=False)
    if (bank := names.get("bank")) is not None:
        bank.close()  # type: ignore[attr-defined]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{_name(page)} links to {target}"
        if anchor:
            assert anchor in anchors(there), f"{_name(page)} links to {target}"


@pytest.mark.parametrize("page", ["README.md", "docs/features.md"])
def test_features_shown_are_those_of_the_example(page: str) -> None:
    """Each feature on a page is one of the tiny bank, word for word but for its labels."""
    real = _features((EXAMPLE / "features").glob("*.yaml"))
    shown = [
        item
        for block in blocks(ROOT / page, "yaml")
        for item in _parsed(block.body.removeprefix("features:\n")).items()
    ]
    assert shown
    labels = {"title", "family", "layer", "unit"}
    for name, body in shown:
        assert body == {key: value for key, value in real[name].items() if key not in labels}, name


def _features(files: Iterable[Path]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for file in files:
        found |= _parsed(file.read_text(encoding="utf-8").removeprefix("features:\n"))
    return found


def _parsed(text: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = YAML(typ="safe").load(text)
    return found


def test_features_page_has_every_aggregate() -> None:
    text = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    missing = [name for name in [*REGISTRY, "expr"] if not re.search(rf"^#+ .*`{name}`", text, re.MULTILINE)]
    assert not missing


def test_every_page_is_reachable_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        waiting += [(page.parent / target.partition("#")[0]).resolve() for target in links(page) if target[0] != "#"]
    assert set(pages()) - seen == set()
