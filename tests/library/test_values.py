"""Every feature of the library against a value worked out by hand, and against the oracle."""

from __future__ import annotations

import pytest
from tests.acceptance.shop import Shop
from tests.library.compiled import by_family
from tests.library.customer import EXPECTED, NOW

NAMES = [name for some in by_family().values() for name in some]


def test_the_table_knows_every_feature() -> None:
    assert sorted(EXPECTED) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_feature_of_the_customer(full: Shop, name: str, values: dict[str, object]) -> None:
    expected = EXPECTED[name]
    assert values[name] == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected)
    assert isinstance(values[name], bool) == isinstance(expected, bool)


@pytest.fixture(scope="module")
def values(full: Shop) -> dict[str, object]:
    return dict(full.bank.genome("u1", at=NOW).features)


def test_the_oracle_agrees(full: Shop) -> None:
    done = full.bank.verify(sample=None)
    assert done.customers == 2
    assert not done.mismatches


def test_everything_is_known_of_a_customer_who_did_everything(full: Shop) -> None:
    genome = full.bank.genome("u1", at=NOW)
    assert genome.completeness == dict.fromkeys(
        ("behaviour", "characteristics", "digital", "emotions", "financial"), 1.0
    )
    assert not genome.missing
