"""Texts to instants: the quick way of most texts against the general one, and against Python's own calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.adapters.duckdb.engine import connected
from onefold.adapters.duckdb.instants import with_instants
from onefold.core.instant import from_datetime
from onefold.core.zone import zone
from onefold.language.ast import Kind
from onefold.sources.mapping import Column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Read(Protocol):
    def __call__(self, texts: list[str], name: str = "UTC") -> list[float | None]: ...


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    """The texts of a column as instants in a zone, over one connection: opening one takes long."""
    with connected() as connection:

        def found(texts: list[str], name: str = "UTC") -> list[float | None]:
            table = pa.table({"n": range(len(texts)), "r:at": pa.array(texts, type=pa.string())})
            read = with_instants(connection, table, [Column("at", Kind.INSTANT)], zone=zone(name))
            listed: list[float | None] = read.column("v:at").to_pylist()
            return listed

        yield found


def two(last: int) -> st.SearchStrategy[str]:
    return st.integers(0, last).map("{:02d}".format)


def naive(first: int, last: int) -> st.SearchStrategy[datetime]:
    """Return times without a zone from the beginning of a year to that of another."""
    seconds = [(datetime(year, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(seconds=1) for year in (first, last)]
    micros = st.integers(seconds[0] * 1_000_000, seconds[1] * 1_000_000 - 1)
    return micros.map(lambda since: (EPOCH + timedelta(microseconds=since)).replace(tzinfo=None))


years = st.sampled_from(["0000", "0001", "1700", "1969", "2024", "2026", "9999"])
fractions = st.just("") | st.text("0123456789", max_size=10).map(".{}".format)
texts = st.builds(
    "{}-{}-{}{}{}:{}:{}{}".format,
    years,
    two(13),
    two(32),
    st.sampled_from("T T_t"),
    two(25),
    two(61),
    two(61),
    fractions,
)


@settings(deadline=None, max_examples=40)
@given(st.lists(texts, min_size=1, max_size=30))
def test_a_text_means_the_same_with_its_offset_written_in_any_way(read: Read, stems: list[str]) -> None:
    """Only a bare text, or one that ends in Z, is read the quick way."""
    endings = (" UTC", "", "Z", " Z", "+00:00", "-0000")
    found = read([stem + ending for ending in endings for stem in stems])
    for at in range(0, len(found), len(stems)):
        assert found[at : at + len(stems)] == found[: len(stems)]


@settings(deadline=None, max_examples=30)
@given(st.lists(naive(1700, 2200), min_size=1, max_size=30))
def test_a_time_in_utc_is_the_calendars(read: Read, moments: list[datetime]) -> None:
    expected = [(moment.replace(tzinfo=UTC) - EPOCH) / timedelta(microseconds=1) for moment in moments]
    for ending in ("Z", "+00:00"):
        assert (
            read([f"{moment.isoformat(timespec='microseconds')}{ending}" for moment in moments], "Europe/Prague")
            == expected
        )


@settings(deadline=None, max_examples=30)
@given(st.lists(naive(1980, 2036), min_size=1, max_size=30))
def test_a_wall_clock_is_that_of_the_zone(read: Read, moments: list[datetime]) -> None:
    """As the zone itself reads it, which knows of the hours that come twice or not at all."""
    prague = zone("Europe/Prague")
    expected = [prague.parse(moment.isoformat()) for moment in moments]
    assert read([moment.isoformat() for moment in moments], "Europe/Prague") == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04T09:00:00z",
        "2026-05-04T9:00:00",
        "2026-02-30T09:00:00",
        "2026-05-04T09:00:00ZZ",
        "x",
        "٢٠٢٦-05-04T09:00:00",
    ],
)
def test_what_is_no_time(read: Read, text: str) -> None:
    assert read([text]) == [None]


def test_spaces_around_a_time_do_not_matter(read: Read) -> None:
    expected = from_datetime(datetime(2026, 5, 4, 9, tzinfo=UTC))
    assert read(["  2026-05-04T09:00:00Z ", " 2026-05-04 09:00:00", "2026-05-04T11:00:00+02:00"]) == [expected] * 3
