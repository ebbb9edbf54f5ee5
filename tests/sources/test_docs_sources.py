"""The example of docs/sources.md runs as it stands."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from tests.sources.workbench import codes, reading, schema_of

from onefold.sources.rejections import Code

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"


def test_the_worked_example(tmp_path: Path) -> None:
    page = PAGE.read_text()
    events, mapping = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    trans, disp = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    (tmp_path / "trans.csv").write_text(trans)
    (tmp_path / "disp.csv").write_text(disp)
    found = list(reading(mapping, tmp_path, schema_of(events)))
    assert codes(found) == ["", "", "", "", "bad_column"]
    made = [each.event for each in found if each.event is not None]
    assert {event.node for event in made} == {"client:46"}
    assert [event.properties.get("flow") for event in made] == [
        Decimal("1100.00"), None, Decimal("-250.50"), None,
    ]  # fmt: skip
    assert [event.alias for event in made] == [None, "account:38", None, "account:38"]


def test_every_code_is_on_the_page() -> None:
    page = PAGE.read_text()
    assert [code for code in Code if f"`{code}`" not in page] == []
