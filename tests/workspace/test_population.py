from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from tests.acceptance.shop import Shop, identify, page, track

from onefold.core.ids import text_code
from onefold.features.engine import FOREVER
from onefold.workspace.arrivals import EVER
from onefold.workspace.population import Population
from onefold.workspace.reader import Reader

MIDNIGHT = 1_777_852_800_000_000  # 2026-05-04T00:00Z
SPENT = [("u1", 30), ("u2", 10), ("u3", 20), ("u3", 5)]


@contextmanager
def counted(shop: Shop) -> Iterator[tuple[Reader, list[int]]]:
    """Yield a reader, and a list that grows by one with each scan of everybody."""
    shop.bank.close()
    reader = shop.bank._access.reader()
    scans: list[int] = []
    people = reader.people

    def watched(*, known: int = FOREVER, visitors: bool = False):  # type: ignore[no-untyped-def]
        scans.append(known)
        return people(known=known, visitors=visitors)

    reader.people = watched  # type: ignore[method-assign]
    yield reader, scans


@pytest.fixture
def bank(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr("onefold.workspace.population.WORTH_A_FILE", 0)
    shop.send(*(track("card_purchase", "2026-05-01", user, amount=amount) for user, amount in SPENT))
    shop.send(identify("2026-05-02", "u1", region="Praha"), identify("2026-05-02", "u4", region="Brno"))
    shop.send(page("/x", "2026-05-02", None, anon="a1"), track("login", "2026-05-06", "u9"))
    return shop


def slow(shop: Shop, name: str, customers: str = "u1 u2 u3 u4", at: str = "2026-05-04") -> list[float]:
    """The oracle: ask for one genome after another."""
    found = [shop.features(customer, at)[name] for customer in customers.split()]
    return sorted(float(value) for value in found if value is not None)


def test_values_are_those_of_every_known_customer_who_exists_at_midnight(bank: Shop) -> None:
    with counted(bank) as (reader, _):
        population = reader.everyone
        assert (population.values("spend", MIDNIGHT) / 100).tolist() == slow(bank, "spend") == [0, 10, 25, 30]
        assert population.values("purchases", MIDNIGHT).tolist() == slow(bank, "purchases")
        assert population.values("days_since_login", MIDNIGHT).tolist() == []
        assert population.values("dearest", MIDNIGHT).tolist() == []
        assert population.sample(["spend"], MIDNIGHT, most=9).size == 4  # neither the visitor nor who came later
        assert population.sample(["spend"], MIDNIGHT + 3 * 86_400_000_000, most=9).size == 5
        few = population.sample(["spend", "region"], MIDNIGHT, most=2).columns
        assert few["spend"].tolist() == [0, 3000]
        assert few["region"].tolist() == population.codes("region", MIDNIGHT).tolist()
        assert population.codes("region", MIDNIGHT).tolist() == sorted(map(text_code, ("Praha", "Brno")))
        assert population.values("region", MIDNIGHT).tolist() == []
        assert population.codes("spend", MIDNIGHT).tolist() == []


def test_names_that_are_no_features(bank: Shop) -> None:
    bank.send(identify("2026-05-02", "u1", birth_date="1990-05-04"))
    with counted(bank) as (reader, _):
        assert reader.everyone.values("age", MIDNIGHT).tolist() == [36.0]
        assert reader.everyone.values("birth_date", MIDNIGHT).tolist() == [7428.0]


def test_a_scan_serves_until_something_dated_before_it_arrives(bank: Shop) -> None:
    def ask() -> tuple[list[float], int]:
        with counted(bank) as (reader, scans):
            twice = [reader.everyone.values("spend", MIDNIGHT).tolist() for _ in range(2)]
            assert twice[0] == twice[1]
            return twice[0], len(scans)

    assert ask() == ([0, 1000, 2500, 3000], 1)
    assert ask() == ([0, 1000, 2500, 3000], 0)  # from the file
    bank.send(track("card_purchase", "2026-05-05", "u1", amount=5))
    assert ask() == ([0, 1000, 2500, 3000], 0)  # after midnight
    bank.send(track("card_purchase", "2026-05-04", "u1", amount=5))
    assert ask() == ([0, 1000, 2500, 3500], 1)  # at midnight
    bank.send(track("card_purchase", "2026-05-03", "u1", amount=5, id="late"))
    assert ask() == ([0, 1000, 2500, 4000], 1)
    bank.send(track("event_retracted", "2026-05-20", "u1", message_id="late"))
    assert ask() == ([0, 1000, 2500, 3500], 1)
    bank.send(track("card_purchase", "2026-05-03", None, anon="a1", amount=7))
    assert ask() == ([0, 1000, 2500, 3500], 1)
    bank.send(page("/x", "2026-05-20", "u2", anon="a1"))
    assert ask() == ([0, 1700, 2500, 3500], 1)  # a link gives them the visitor's past
    bank.write("features/more.yaml", "features:\n  two: {count: page_viewed}\n")
    bank.bank.apply()
    assert ask() == ([0, 1700, 2500, 3500], 1)


def test_what_was_known_then(bank: Shop) -> None:
    bank.clock.set("2026-06-02T12:00:00Z")
    bank.send(track("card_purchase", "2026-05-03", "u1", amount=5))
    before, after = bank.clock() - 1, bank.clock()
    with counted(bank) as (reader, scans):
        assert reader.everyone.values("spend", MIDNIGHT, before).tolist() == [0, 1000, 2500, 3000]
        assert reader.everyone.values("spend", MIDNIGHT, after).tolist() == [0, 1000, 2500, 3500]
        assert reader.everyone.values("spend", MIDNIGHT).tolist() == [0, 1000, 2500, 3500]
        assert scans == [before, after, FOREVER]
    bank.clock.set("2026-06-03T12:00:00Z")
    bank.send(track("card_purchase", "2026-05-03", "u1", amount=5))
    with counted(bank) as (reader, scans):
        assert reader.everyone.values("spend", MIDNIGHT, after).tolist() == [0, 1000, 2500, 3500]
        assert scans == []
        assert reader.everyone.values("spend", MIDNIGHT).tolist() == [0, 1000, 2500, 4000]


def files(bank: Shop) -> list[Path]:
    return sorted((bank.folder / ".onefold" / "columns").iterdir())


@pytest.mark.parametrize("harm", ["cut", "empty", "newer", "flipped", "other"])
def test_a_file_that_cannot_be_believed_is_made_anew(bank: Shop, harm: str) -> None:
    with counted(bank) as (reader, _):
        reader.everyone.values("spend", MIDNIGHT)
        (path,) = files(bank)
        raw = path.read_bytes()
        assert b'"format": 1' in raw
        place = raw.index(np.array([1000.0]).tobytes())
        path.write_bytes(
            {
                "cut": raw[:-5],
                "empty": b"",
                "newer": raw.replace(b'"format": 1', b'"format": 2'),
                "flipped": raw[:place] + b"\1" + raw[place + 1 :],
                "other": b"x" * len(raw),
            }[harm]
        )
    with counted(bank) as (reader, scans):
        assert reader.everyone.values("spend", MIDNIGHT).tolist() == [0, 1000, 2500, 3000]
        assert len(scans) == 1


def test_memory_and_files_are_bounded(bank: Shop) -> None:
    with counted(bank) as (reader, scans):
        for day in range(12):
            reader.everyone.values("spend", MIDNIGHT + day * 86_400_000_000)
        assert len(reader.everyone._kept) == 4
        assert len(files(bank)) == 8
        assert len(scans) == 12
        reader.everyone.values("spend", MIDNIGHT + 11 * 86_400_000_000)
        assert len(scans) == 12


def test_a_small_population_is_read_again(bank: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onefold.workspace.population.WORTH_A_FILE", 5)
    with counted(bank) as (reader, scans):
        for _ in range(2):
            assert reader.everyone.values("spend", MIDNIGHT).tolist() == [0, 1000, 2500, 3000]
        assert (files(bank), len(scans)) == ([], 1)


def test_where_no_file_can_be_written_it_is_kept_in_memory(bank: Shop) -> None:
    with counted(bank) as (reader, scans):
        (bank.folder / ".onefold" / "columns").write_text("in the way")
        for _ in range(2):
            assert reader.everyone.values("spend", MIDNIGHT).tolist() == [0, 1000, 2500, 3000]
        assert len(scans) == 1


def test_too_much_to_look_through_is_computed_anew(bank: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with counted(bank) as (reader, _):
        seq = reader.position()
        assert reader.earliest(seq, seq) == FOREVER
        assert reader.earliest(0, seq) > EVER
        assert reader.earliest(0, seq + 1) == EVER  # a record that this log does not show yet
        monkeypatch.setattr("onefold.workspace.arrivals.WORTH_READING", 2)
        assert reader.earliest(0, seq) == EVER


def test_ranks_read_the_population(bank: Shop) -> None:
    ranks = """
features:
  rank: {percentile_of: spend}
  same: {expr: rank}
"""
    bank.write("features/ranks.yaml", ranks)
    bank.bank.apply()
    with counted(bank) as (reader, scans):
        found = reader.genome("u3", now=MIDNIGHT + 1).features
        assert (found["rank"], found["same"]) == (0.625, 0.625)
        assert len(scans) == 1
        assert isinstance(reader.everyone, Population)
        assert reader.everyone.values("rank", MIDNIGHT).tolist() == [0.125, 0.375, 0.625, 0.875]
