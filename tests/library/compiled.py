"""Makes what is made of the library's YAML: the JSON that published sets hold, and the tables of ``docs/library.md``.

Run ``python -m tests.library.compiled`` after an edit of ``src/onefold/library``; a test fails until then.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from onefold.features.including.choosing import inputs_of
from onefold.features.including.library import Body

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "src" / "onefold" / "library"
JSON = LIBRARY / "standard.json"
PAGE = ROOT / "docs" / "library.md"
FAMILIES = ("characteristics", "emotions", "behaviour", "financial", "digital")
_PARTS = re.compile(r"(<!-- (vocabulary|tables) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)


def loaded(path: Path) -> dict[str, Any]:
    """Return a YAML file as plain values."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found


def vocabulary() -> dict[str, Any]:
    return loaded(LIBRARY / "vocabulary.yaml")


def by_family() -> dict[str, dict[str, Body]]:
    """Return the definitions of each file, as they stand there."""
    return {family: loaded(LIBRARY / "features" / f"{family}.yaml")["features"] for family in FAMILIES}


def as_json() -> str:
    """Return the library as JSON, a definition a line."""
    features = {name: body for some in by_family().values() for name, body in some.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(body, ensure_ascii=False)}" for name, body in features.items()]
    said = json.dumps(vocabulary(), ensure_ascii=False)
    return f'{{"vocabulary": {said},\n"features": {{\n' + ",\n".join(lines) + "\n}}\n"


def tables() -> str:
    """Return a table a family: name, layer, inputs, meaning."""
    parts = []
    for family, features in by_family().items():
        rows = [
            f"| `{name}` | {body['layer']} | {_inputs(body)} | {body['title']} |" for name, body in features.items()
        ]
        head = ["| feature | layer | reads | meaning |", "|---|---|---|---|"]
        parts.append("\n".join([f"### {family.capitalize()} ({len(rows)})\n", *head, *rows]) + "\n")
    return "\n" + "\n".join(parts) + "\n"


def _inputs(body: Body) -> str:
    found = inputs_of(body)
    events = {one.partition(".")[0] for one in found.sources if "." in one and not one.startswith("traits.")}
    return ", ".join(f"`{one}`" for one in sorted((found.sources - events) | found.features))


def page_with_tables(page: str) -> str:
    """Return the page with the vocabulary and the tables of the present library."""
    text = (LIBRARY / "vocabulary.yaml").read_text(encoding="utf-8")
    said = {"vocabulary": f"\n```yaml\n{text}```\n\n", "tables": tables()}
    return _PARTS.sub(lambda found: found[1] + said[found[2]] + found[3], page)


if __name__ == "__main__":
    JSON.write_text(as_json(), encoding="utf-8")
    if PAGE.exists():
        PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
