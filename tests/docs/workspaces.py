"""The pages of ``docs/rules/``: each is a workspace, made of its YAML blocks, and asks it with the helpers that
``docs/rules.md`` shows.
"""

from __future__ import annotations

from pathlib import Path

from tests.docs.blocks import ROOT, Block, blocks

ENTRY = ROOT / "docs" / "rules.md"
PAGES = sorted((ROOT / "docs" / "rules").glob("*.md"))

_FILES = {
    "name:": "onefold.yaml",
    **{f"{name}:": f"{name}.yaml" for name in ("events", "places", "placements", "policies")},
}
_FOLDERS = {
    **{f"{name}:": name for name in ("features", "segments", "offers")},
    "source:": "sources",
    "model:": "models",
}


def write_workspace(page: Path, folder: Path) -> None:
    """Write each YAML block of a page as a file, by the word with which it begins."""
    folder.mkdir()
    for block in blocks(page, "yaml"):
        path = folder / _name(block)
        assert not path.exists(), f"line {block.line} of {page.name}: {path.name} is there already"
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.body, encoding="utf-8")


def _name(block: Block) -> str:
    word = block.body.split(maxsplit=1)[0]
    # files are read in the order of their names, and the order of segments matters
    return _FILES.get(word) or f"{_FOLDERS[word]}/line-{block.line:05}.yaml"


def python_blocks(page: Path) -> list[tuple[Path, Block]]:
    """Return the Python of a page, each block with the page where it stands; of a page of rules the helpers first."""
    read = [ENTRY, page] if page in PAGES else [page]
    return [(one, block) for one in read for block in blocks(one, "python")]
