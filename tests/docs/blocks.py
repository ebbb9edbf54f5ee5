"""Fenced blocks and links of a Markdown page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = "<!-- run -->"

_BLOCK = re.compile(r"^(?P<mark><!-- run -->\n)?```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, the line of its first line, and whether it is marked to be run."""

    language: str
    body: str
    line: int
    run: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a console block, and the output that stands below it."""

    command: str
    expected: str


def pages() -> list[Path]:
    """Return every Markdown page of the repository."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/README.md")]
    return sorted(found)


def blocks(page: Path, language: str) -> list[Block]:
    """Return the blocks of one language, in the order of the page."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found["language"], found["body"], text.count("\n", 0, found.start("body")) + 1, found["mark"] is not None)
        for found in _BLOCK.finditer(text)
        if found["language"] == language
    ]


def steps(body: str) -> list[Step]:
    """Split a console block: a line that begins with ``$`` is a command, the lines below it what it prints."""
    parts = re.split(r"^\$ ", body, flags=re.MULTILINE)
    assert not parts[0].strip(), "a console block begins with a command"
    split = [part.partition("\n") for part in parts[1:]]
    return [Step(command, expected) for command, _, expected in split]


def links(page: Path) -> list[str]:
    """Return the targets of the page's links into the repository, fenced blocks left out."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    return [target for target in _LINK.findall(text) if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """Return the anchors of the page's headings, as GitHub makes them."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text)]
    return {heading.replace(" ", "-") for heading in plain}
