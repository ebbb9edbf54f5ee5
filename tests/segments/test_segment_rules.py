"""The rules of SEMANTICS section 5, each by hand."""

from __future__ import annotations

import itertools

import pytest
from tests.segments.workbench import Bench, at, bench, consent, day, event, stated

from onefold.core.instant import DAY, HOUR, LATEST
from onefold.segments.history import Flip
from onefold.segments.journal import Cause, Change, SegmentChange

VIEWS = {
    "views": {"count": "view", "within": "7d"},
    "all_views": {"count": "view"},
    "since_view": {"since_last": "view"},
    "salary": {"last": "traits.salary"},
    "score": {"last": "scored.score", "within": "90d"},
}
T = at("2026-05-04T09:00:00Z")


def told(changes: list[SegmentChange]) -> list[tuple[str, str, str, int]]:
    return [(one.segment, str(one.change), str(one.cause), one.at) for one in changes]


def test_unknown_is_no_member() -> None:
    made = bench(VIEWS, {"rich": {"when": "salary > 10"}, "poor": {"when": "NOT (salary > 10)"}})
    assert made.names([event("view", T)], T) == ()
    assert made.names([event("view", T), stated("salary", 1001, T)], T) == ("rich",)
    assert made.names([stated("salary", None, T)], T) == ()


def test_nobody_is_a_member_before_they_exist() -> None:
    made = bench(VIEWS, {"quiet": {"when": "all_views = 0"}, "held": {"when": "all_views = 0", "hold": "1d"}})
    events = [event("login", T), event("view", T + HOUR)]
    assert made.names(events, T - 1) == ()
    assert made.names(events, T) == ("held", "quiet")
    changes = made.history.changes(made.rows(events), T - DAY, T + 3 * DAY)
    assert told(changes) == [
        ("held", "entered", "event", T),
        ("quiet", "entered", "event", T),
        ("quiet", "left", "event", T + HOUR),
        ("held", "left", "time", T + HOUR + DAY),
    ]
    assert made.names([], T) == ()
    assert made.history.changes(made.rows([]), T - DAY, T + DAY) == []


def test_an_edited_definition_removes_who_no_longer_match() -> None:
    events = [event("view", T + at) for at in range(3)]
    assert bench(VIEWS, {"keen": {"when": "views > 2"}}).names(events, T + HOUR) == ("keen",)
    assert bench(VIEWS, {"keen": {"when": "views > 3"}}).names(events, T + HOUR) == ()


def test_of_a_dimension_exactly_one() -> None:
    made = bench(
        VIEWS,
        {
            "hot": {"when": "views > 2", "dimension": "heat", "purpose": "marketing"},
            "warm": {"when": "views > 0", "dimension": "heat"},
            "cold": {"when": "all_views >= 0", "dimension": "heat"},
            "apart": {"when": "views > 0"},
        },
    )
    views = [event("view", T + at * HOUR) for at in range(3)]
    assert made.names(views[:1], T) == ("apart", "warm")
    assert made.names([consent(T), *views], T + 2 * HOUR) == ("apart", "hot")
    # consent shuts the result, it does not hand the customer on
    assert made.names(views, T + 2 * HOUR) == ("apart",)
    assert made.names(views, T + 30 * DAY) == ("cold",)


def test_hold_is_exact_at_both_ends() -> None:
    made = bench(VIEWS, {"fresh": {"when": "since_view < 0.5", "hold": "24h"}, "now": {"when": "since_view < 0.5"}})
    events = [event("view", T)]
    rows = made.rows(events)
    last = T + DAY // 2 - 1  # the last instant of the predicate itself
    assert made.names(events, last) == ("fresh", "now")
    assert made.names(events, last + 1) == ("fresh",)
    assert made.names(events, last + 24 * HOUR) == ("fresh",)
    assert made.names(events, last + 24 * HOUR + 1) == ()
    assert told(made.history.changes(rows, T, T + 3 * DAY)) == [
        ("now", "left", "time", last + 1),
        ("fresh", "left", "time", last + 1 + 24 * HOUR),
    ]


def test_hold_sees_what_was_true_for_an_instant() -> None:
    made = bench(VIEWS, {"exactly": {"when": "since_view = 2", "hold": "1h"}})
    changes = made.history.changes(made.rows([event("view", T)]), T, T + 9 * DAY)
    assert told(changes) == [
        ("exactly", "entered", "time", T + 2 * DAY),
        ("exactly", "left", "time", T + 2 * DAY + HOUR + 1),
    ]
    assert made.names([event("view", T)], T + 2 * DAY + HOUR // 2) == ("exactly",)
    assert made.names([event("view", T)], T + 2 * DAY + HOUR) == ("exactly",)
    assert made.names([event("view", T)], T + 2 * DAY + HOUR + 1) == ()


def test_in_segment_asks_for_the_final_membership() -> None:
    made = bench(
        VIEWS,
        {
            "outer": {"when": "in_segment('inner')", "hold": "2h"},
            "inner": {"when": "views > 0", "purpose": "marketing", "hold": "1h"},
        },
    )
    events = [consent(T), event("view", T), consent(T + HOUR, "withdrawn"), consent(T + 20 * DAY)]
    changes = made.history.changes(made.rows(events), T - 1, T + 30 * DAY)
    assert told(changes) == [
        ("inner", "entered", "event", T),
        ("outer", "entered", "event", T),
        ("inner", "left", "consent", T + HOUR),
        ("outer", "left", "time", T + 3 * HOUR),
    ]


def test_consent_given_withdrawn_and_expired() -> None:
    made = bench(
        VIEWS,
        {
            "offer": {"when": "all_views > 0", "purpose": "marketing"},
            "care": {"when": "all_views > 0", "purpose": "service"},
            "inside": {"when": "all_views > 0"},
        },
    )
    expiry = T + 5 * DAY + 7
    events = [
        event("view", T),
        consent(T + DAY),
        consent(T + 2 * DAY, "withdrawn"),
        consent(T + 3 * DAY, expires=expiry),
        consent(T + 4 * DAY, purpose="analytics"),
    ]
    assert told(made.history.changes(made.rows(events), T, T + 9 * DAY)) == [
        ("offer", "entered", "consent", T + DAY),
        ("offer", "left", "consent", T + 2 * DAY),
        ("offer", "entered", "consent", T + 3 * DAY),
        ("offer", "left", "consent", expiry),
    ]
    assert made.names(events, expiry - 1) == ("care", "inside", "offer")
    assert made.names(events, expiry) == ("care", "inside")


def test_story_4_a_score_that_expires() -> None:
    made = bench(VIEWS, {"good": {"when": "score >= 700", "purpose": "marketing"}})
    events = [consent("2026-01-01"), event("scored", "2026-03-01T00:00:00Z", score=712)]
    end = at("2026-05-30T00:00:00Z")
    assert made.names(events, end) == ("good",)
    assert made.names(events, end + 1) == ()
    flip = made.history.next_flip(made.rows(events), at("2026-03-02"))
    assert flip.at == end + 1
    assert told(list(flip.changes)) == [("good", "left", "time", end + 1)]
    assert made.names(events[1:], end) == ()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_story_10_more_than_twice(order: tuple[int, ...]) -> None:
    made = bench(VIEWS, {"mortgage_intent": {"when": "views > 2"}})
    views = [event("view", f"2026-05-04T{hour}:00:00Z") for hour in ("09", "10", "11")]
    rows = made.rows([views[at] for at in order])
    entry, end = at("2026-05-04T11:00:00Z"), at("2026-05-11T09:00:00Z")
    assert told(made.history.changes(rows, at("2026-05-01"), at("2026-06-01"))) == [
        ("mortgage_intent", "entered", "event", entry),
        ("mortgage_intent", "left", "time", end + 1),
    ]
    assert made.history.next_flip(rows, entry).at == end + 1
    assert made.history.since(rows, entry + HOUR, "mortgage_intent") == entry
    assert made.history.since(rows, entry - 1, "mortgage_intent") is None


def test_story_12_age_and_salary() -> None:
    made = bench(VIEWS, {"starter": {"when": "age BETWEEN 25 AND 34 AND salary >= 2500"}})
    born = stated("birth_date", day("2000-02-29"), "2020-01-01")
    paid = stated("salary", 260_000, "2020-01-01")
    rows = made.rows([born, paid])
    first, last = at("2025-02-28"), at("2035-02-28")
    assert told(made.history.changes(rows, at("2020-06-01"), at("2040-01-01"))) == [
        ("starter", "entered", "time", first),
        ("starter", "left", "time", last),
    ]
    assert made.history.next_flip(rows, at("2020-06-01")).at == first
    assert made.history.next_flip(rows, first).at == last
    assert made.history.changes(made.rows([born]), at("2020-06-01"), at("2040-01-01")) == []


def test_what_is_not_known_yet_does_not_count() -> None:
    made = bench(VIEWS, {"seen": {"when": "all_views > 0"}})
    rows = made.rows([event("login", T), event("view", T, known=T + DAY)])
    assert made.history.changes(rows, T - 1, T + DAY, known=T + DAY - 1) == []
    assert told(made.history.changes(rows, T - 1, T + DAY, known=T + DAY)) == [("seen", "entered", "event", T)]


def test_the_next_flip_leaves_out_later_events_and_says_how_far_it_looked() -> None:
    made = bench(
        VIEWS, {"seen": {"when": "all_views > 0"}, "dated": {"when": "all_views >= CURRENT_DATE - CURRENT_DATE"}}
    )
    rows = made.rows([event("login", T), event("view", T + DAY)])
    flip = made.history.next_flip(rows, T, segments=["seen"])
    assert flip == Flip(None, (), LATEST - 1)
    assert made.history.next_flip(rows, LATEST + 5) == Flip(None, (), LATEST + 5)
    flip = made.history.next_flip(rows, T, segments=["dated"])
    assert flip.at is None
    assert T + 5_000 * DAY < flip.checked_until < LATEST


def test_calendars_and_dates_do_not_cut_time_for_ever() -> None:
    features = {**VIEWS, "today": {"count": "view", "since": "start of day"}}
    made = bench(features, {"today": {"when": "today > 0"}, "old": {"when": "since_view > 9000"}})
    flip = made.history.next_flip(made.rows([event("view", T)]), T + 40 * DAY)
    assert (flip.at, flip.changes[0].change) == (T + 9000 * DAY + 1, Change.ENTERED)
    assert made.history.next_flip(made.rows([event("view", T)]), T).at == at("2026-05-05")


def test_a_date_that_comes_twice() -> None:
    """In St John's clocks were set back from 00:01 to 23:01: the date went on for a minute, back, and on again."""
    made = bench(
        {"due": {"last": "paid.due"}, "until_due": {"until": "paid.due"}},
        {"late": {"when": "due < CURRENT_DATE"}, "ahead": {"when": "until_due IS NOT NULL"}},
        zone_name="America/St_Johns",
    )
    midnight, hour = at("2006-10-29T02:30:00Z"), 3_600_000_000
    rows = made.rows([event("paid", "2006-10-20", due=day("2006-10-28"))])
    found = made.history.changes(rows, at("2006-10-21"), at("2006-11-21"))
    assert [(one.segment, str(one.change), one.at) for one in found] == [
        ("ahead", "left", midnight),
        ("late", "entered", midnight),
        ("ahead", "entered", midnight + hour // 60),
        ("late", "left", midnight + hour // 60),
        ("ahead", "left", midnight + hour),
        ("late", "entered", midnight + hour),
    ]


def test_causes_of_an_event_that_coincides() -> None:
    made = bench(VIEWS, {"few": {"when": "views < 2"}})
    events = [event("view", T), event("view", T + HOUR), event("login", T + 7 * DAY + 1)]
    changes = made.history.changes(made.rows(events), T, T + 9 * DAY)
    assert told(changes) == [
        ("few", "left", "event", T + HOUR),
        ("few", "entered", "event", T + 7 * DAY + 1),
    ]


def test_one_shared_history_for_several_segments() -> None:
    made: Bench = bench(VIEWS, {"a": {"when": "views > 0"}, "b": {"when": "views > 1"}})
    rows = made.rows([event("view", T)])
    only = made.history.spans(rows, T, T + DAY, segments=["a"])
    assert (list(only.inside), only.inside["a"]) == (["a"], [(T, T + DAY + 1)])
    assert made.history.changes(rows, T - 1, T, customer=b"me")[0].customer == b"me"
    assert made.history.changes(rows, T - 1, T)[0].cause is Cause.EVENT


@pytest.mark.parametrize("op", ["=", "<", "<="])
def test_values_too_far_away_for_single_microseconds_flip_where_the_engine_does(op: str) -> None:
    """So many days ahead doubles are 32 µs apart: what counts is what the engine reads, not the exact quotient."""
    due, days = day("9999-12-31"), day("9999-12-31") - day("2026-05-10")
    made = bench({"until_due": {"until": "paid.due"}}, {"x": {"when": f"until_due {op} {days}"}})
    rows = made.rows([event("paid", T, due=due)])
    middle = at("2026-05-10")
    begin, end = middle - 100, middle + 100
    expected = [made.members(rows, instant).names(0) == ("x",) for instant in range(begin, end + 1)]
    assert expected.count(True) > (op == "=") * 10
    for first, last in ((begin, end), (middle - DAY, middle + DAY)):
        (span,) = made.history.spans(rows, first, last).inside["x"]
        assert [span.start <= instant < span.stop for instant in range(begin, end + 1)] == expected


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ("LEAST(since_view, 4 - since_view) > 1", DAY + 1, 3 * DAY - 1),
        ("GREATEST(since_view, 4 - since_view) <= 3", DAY, 3 * DAY),
        ("GREATEST(2, since_view, 6 - since_view * 2) < 2.5", 7 * DAY // 4 + 1, 5 * DAY // 2 - 1),
        ("ABS(since_view - 2) < 1", DAY + 1, 3 * DAY - 1),
        ("ABS(ABS(since_view - 4) - 2) >= 2 AND since_view > 1 AND since_view < 6", 4 * DAY, 4 * DAY),
        ("NULLIF(since_view, 2) IS NULL", 2 * DAY, 2 * DAY),
        ("COALESCE(NULLIF(since_view, 2), 9) = 9 AND since_view < 8", 2 * DAY, 2 * DAY),
        ("CASE WHEN since_view < 2 THEN since_view ELSE 4 - since_view END > 1", DAY + 1, 3 * DAY - 1),
        ("CASE WHEN since_view > 3 THEN 0 WHEN since_view > 1 THEN 1 END = 1", DAY + 1, 3 * DAY),
        ("NOT (since_view <= 1 OR 2 * since_view >= 6)", DAY + 1, 3 * DAY - 1),
        ("since_view IN (2, 30000) AND NOT since_view IN (3, 4)", 2 * DAY, 2 * DAY),
        ("(since_view > 1) <> (since_view > 3)", DAY + 1, 3 * DAY),
    ],
)
def test_values_that_bend(when: str, first: int, last: int) -> None:
    made = bench(VIEWS, {"x": {"when": when}, "lately": {"when": when, "hold": "7d"}})
    rows = made.rows([event("view", T)])
    assert made.history.spans(rows, T, T + 40 * DAY).inside["x"] == [(T + first, T + last + 1)]
    assert made.history.next_flip(rows, T, segments=["x"]).at == T + first
    for instant in (first - 1, first, last, last + 1):
        assert ("x" in made.names([event("view", T)], T + instant)) == (first <= instant <= last)
    batch = [made.members(rows, T + instant).inside["lately"][0] for instant in (first - 1, first, last + 7 * DAY)]
    assert batch == [False, True, True]
    assert not made.members(rows, T + last + 7 * DAY + 1).inside["lately"][0]
