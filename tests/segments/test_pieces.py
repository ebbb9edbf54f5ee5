"""The small pieces: sets of instants, days, presence, the journal, conditions written out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.language.generators import SCOPE, any_node
from tests.oracles.genome import OracleEvent
from tests.segments.workbench import Bench, bench, event

from onefold.core.ids import NULL
from onefold.core.instant import DAY, HOUR
from onefold.core.instant import Span as Length
from onefold.core.zone import zone
from onefold.features.engine import Engine
from onefold.language.ast import Node
from onefold.language.parse import parse
from onefold.language.sentence import sentence
from onefold.segments.days import ages_at, days_at, midnights, repeated
from onefold.segments.intervals import Span, Spans, at, at_each, common, flips, from_truth, longer, united, without
from onefold.segments.journal import Cause, Change, SegmentChange, State, difference
from onefold.segments.presence import presence
from onefold.segments.written import written

_EDGES = st.lists(st.integers(0, 30), max_size=8)
SETS = _EDGES.map(lambda edges: [Span(*sorted(pair)) for pair in zip(edges[::2], edges[1::2], strict=False)])
NORMAL = SETS.map(lambda spans: united([spans]))
LINE = range(-2, 45)


def points(spans: Spans) -> set[int]:
    return {point for span in spans for point in range(*span)}


def normal(spans: Spans) -> bool:
    edges = [edge for span in spans for edge in span]
    return edges == sorted(set(edges))


@given(SETS, NORMAL, NORMAL, st.integers(0, 5))
def test_sets_of_instants(loose: Spans, first: Spans, second: Spans, by: int) -> None:
    assert points(united([loose, first])) == points(loose) | points(first)
    assert points(common(first, second)) == points(first) & points(second)
    assert points(without(first, second)) == points(first) - points(second)
    assert points(longer(first, by)) == {point + more for point in points(first) for more in range(by + 1)}
    for spans in (united([loose]), common(first, second), without(first, second), longer(first, by)):
        assert normal(spans)
    assert [at(first, point) for point in LINE] == [point in points(first) for point in LINE]
    assert at_each(first, np.array(LINE)).tolist() == [point in points(first) for point in LINE]
    truth = np.array([point in points(first) for point in LINE])
    assert from_truth(np.array(LINE), truth, LINE.stop) == first
    assert flips(first).tolist() == [edge for span in first for edge in span]


@pytest.mark.parametrize("name", ["UTC", "Europe/Prague", "America/St_Johns", "Pacific/Apia", "Asia/Kolkata"])
@given(start=st.integers(0, 20_000), hours=st.integers(0, 400))
@settings(max_examples=25, deadline=None)
def test_midnights_are_where_the_date_becomes_another(name: str, start: int, hours: int) -> None:
    where, begin = zone(name), start * DAY + 7
    stop = begin + hours * HOUR
    found = midnights(where, begin, stop)
    assert all(begin < one < stop and where.day(one) != where.day(one - 1) for one in found.tolist())
    edges = [begin, *found.tolist(), stop]
    for first, last in itertools.pairwise(edges):
        tried = range(first, last, max((last - first) // 50, 1))
        assert {where.day(one) for one in tried} <= {where.day(first)}
    instants = np.arange(begin, stop + 1, HOUR)
    assert days_at(where, instants).tolist() == [where.day(one) for one in instants.tolist()]


def test_dates_that_come_twice() -> None:
    assert repeated(zone("Europe/Prague")) == repeated(zone("UTC")) == ()
    where = zone("America/St_Johns")
    places = repeated(where)
    assert places == tuple(sorted(places))
    assert all(where.day(one) != where.day(one - 1) for one in places)


def test_ages() -> None:
    births = np.array([0, 0, NULL, 500], np.int64)
    assert ages_at(births, np.array([364, 365, 400, 400])).tolist()[:2] == [0.0, 1.0]
    assert np.isnan(ages_at(births, np.array([364, 365, 400, 400]))[2:]).all()


@given(st.lists(st.tuples(st.sampled_from(["view", "login", "paid"]), st.integers(0, 60)), max_size=8), st.data())
@settings(max_examples=60, deadline=None)
def test_presence_is_what_the_engine_says(drawn: list[tuple[str, int]], data: st.DataObject) -> None:
    retention = {"view": Length.parse("3d"), "paid": Length.parse("1mo")}
    made: Bench = bench({"logins": {"count": "login"}}, {"x": {"when": "logins > 0"}}, retention=retention)
    events: list[OracleEvent] = [event(source, days * DAY) for source, days in drawn]
    rows = made.rows(events)
    found = presence(rows, made.engine.plan, made.zone)
    engine: Engine = made.engine
    edges = {edge + by for edge in flips(found).tolist() for by in (-1, 0) if abs(edge) < 1 << 60}
    for instant in {*edges, *(days * DAY for days in range(-1, 120, 3)), data.draw(st.integers(0, 95 * DAY))}:
        read = engine.read(rows, np.array([0, len(rows)], np.int64), now=instant)
        assert at(found, instant) == bool(read.present[0]), instant


def test_differences_and_their_fold() -> None:
    state = State()
    state.take(difference(frozenset(), frozenset({"b", "a"}), customer=b"x", cause=Cause.BACKFILL, at=1))
    assert state.of(b"x") == {"a", "b"}
    more = difference(frozenset({"a", "b"}), frozenset({"b", "c"}), customer=b"x", cause=Cause.DEFINITION, at=2)
    assert more == [
        SegmentChange(2, "a", Change.LEFT, Cause.DEFINITION, b"x"),
        SegmentChange(2, "c", Change.ENTERED, Cause.DEFINITION, b"x"),
    ]
    state.take(more)
    state.take(more)
    assert state.of(b"x") == {"b", "c"}
    state.take(difference(state.of(b"x"), frozenset(), customer=b"x", cause=Cause.ERASURE, at=3))
    assert state.members == {}
    assert state.of(b"nobody") == frozenset()


@given(st.lists(st.frozensets(st.sampled_from("abcd")), max_size=6))
def test_a_fold_of_differences_gives_the_last_state(states: list[frozenset[str]]) -> None:
    state, before = State(), frozenset[str]()
    for place, after in enumerate(states):
        state.take(difference(before, after, customer=b"x", cause=Cause.EVENT, at=place))
        before = after
        assert state.of(b"x") == after


@given(any_node)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_condition_written_out_means_the_same(node: Node) -> None:
    assert parse(written(node), SCOPE) == node


@pytest.mark.parametrize(
    "text",
    [
        "number1 > 2 AND (boolean1 OR NOT boolean2)",
        "NOT (boolean1 AND boolean2)",
        "number1 - (number2 - 1) * 3 / (number1 * 2) <> -5",
        "category1 NOT IN ('a', 'it''s') AND category2 LIKE '/x%' AND date1 IS NOT NULL",
        "money1 >= 12.5 OR ROUND(money1, 1) = 3",
        "date1 + 3 > CURRENT_DATE AND instant1 < TIMESTAMP '2026-01-31T09:00:00Z'",
        "duration1 > INTERVAL '3' DAY AND (date1 + INTERVAL '1' MONTH) < DATE '2026-01-31'",
        "CASE WHEN boolean1 THEN number1 ELSE -number2 END = ABS(number1 + 1)",
        "(boolean1 OR boolean2) = (number1 > 1)",
    ],
)
def test_conditions_as_an_analyst_writes_them(text: str) -> None:
    assert written(parse(text, SCOPE)) == text


def test_a_segment_in_a_sentence() -> None:
    made = bench(
        {"views": {"count": "view"}},
        {"a": {"when": "views > 0"}, "b": {"when": "NOT in_segment('a') OR in_segment('a') AND views > 1"}},
    )
    said = sentence(made.segments.segments["b"].when)
    assert said == "not in the segment a or (in the segment a and the views is more than 1)"
