"""The oracle against examples worked by hand."""

from __future__ import annotations

import pytest
from tests.oracles.genome import Value, oracle_genome
from tests.oracles.hand_cases import HAND_CASES, SCHEMA, HandCase


def computed(case: HandCase, now: int | None = None) -> tuple[dict[str, Value], int | None]:
    return oracle_genome(
        case.events,
        [definition.feature(SCHEMA) for definition in case.definitions],
        now=case.now if now is None else now,
        known=case.known,
        zone=case.zone,
        retention=case.retention,
    )


@pytest.mark.parametrize("case", HAND_CASES, ids=lambda case: case.name)
def test_values(case: HandCase) -> None:
    values, _ = computed(case)
    assert values == case.expected
    assert {name: type(value) for name, value in values.items()} == {
        name: type(value) for name, value in case.expected.items()
    }


@pytest.mark.parametrize("case", HAND_CASES, ids=lambda case: case.name)
def test_next_change(case: HandCase) -> None:
    _, next_change = computed(case)
    assert next_change == case.next_change


@pytest.mark.parametrize("case", HAND_CASES, ids=lambda case: case.name)
def test_the_order_of_arrival_is_of_no_account(case: HandCase) -> None:
    backwards = HandCase(**{**vars(case), "events": case.events[::-1]})
    assert computed(backwards) == computed(case)


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(HAND_CASES) >= 40
    assert len({case.name for case in HAND_CASES}) == len(HAND_CASES)
