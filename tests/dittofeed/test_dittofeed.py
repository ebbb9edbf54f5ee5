"""The 73 cases of ``shared/data/dittofeed-segments``: each assertion, at the very moment at which it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.dittofeed.differences import NOT_OURS, OBJECTS, REFUSED, SMALLER
from tests.dittofeed.play import Play
from tests.dittofeed.properties import summary
from tests.dittofeed.segments import NotOurs
from tests.dittofeed.tables import Table, tables

pytestmark = pytest.mark.skipif(not tables(), reason="the data is absent: ../shared/data/dittofeed-segments")

REJECTED = {65: 1}
"""How many events of a case do not fit its declarations: there text stands for a list once."""
BY_TIME = {16: 1, 17: 1, 19: 1, 21: 1, 22: 1, 23: 1, 31: 1, 33: 1, 35: 1, 63: 2, 64: 1}
"""How often somebody enters or leaves a segment by time alone, under the last definitions, in all of time."""


def _cases() -> list[Any]:
    cases = []
    for table in tables():
        reason = NOT_OURS.get(table.number)
        marks = [] if reason is None else [pytest.mark.xfail(raises=NotOurs, strict=True, reason=reason)]
        name = table.description.replace(" ", "_")[:60]
        cases.append(pytest.param(table, id=f"{table.number}-{name}", marks=marks))
    return cases


@pytest.mark.parametrize("table", _cases())
def test_case(table: Table, tmp_path: Path) -> None:
    play = Play(table, tmp_path, users=SMALLER.get(table.number))
    with play.stage.bank:
        play.run()
        flips = play.flips_by_time()
    assert play.triples == table.triples()
    assert play.stage.rejected == REJECTED.get(table.number, 0)
    assert bool(play.stage.refused) == (table.number in REFUSED)
    assert len(flips) == BY_TIME.get(table.number, 0)
    assert set(flips) <= play.ends_of_windows()


def test_all_cases_are_played() -> None:
    assert len(tables()) == 73
    assert sum(table.triples() for table in tables()) == 173


def test_few_cases_differ_and_each_for_its_reason() -> None:
    assert len({*NOT_OURS, *OBJECTS, *REFUSED}) == 8
    assert {table.number for table in tables() if _expects_an_object(table)} == set(OBJECTS)
    assert {table.number for table in tables() if table.raw.get("skip")} == set(SMALLER)


def _expects_an_object(table: Table) -> bool:
    users = [user for step in table.steps for user in step.get("users", ())]
    return any(
        isinstance(summary(value), dict | list) for user in users for value in user.get("properties", {}).values()
    )
