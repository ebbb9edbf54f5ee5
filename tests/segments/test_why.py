"""Explanations: story 10 to the letter, and each cause."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
from tests.oracles.genome import OracleEvent
from tests.segments.workbench import Bench, at, bench, consent, day, event, stated

from onefold.core.instant import DAY, HOUR
from onefold.segments.why import Reason, Why, explain

FEATURES = {
    "mortgage_views_7d": {"count": "view", "where": "path LIKE '/mortgage%'", "within": "7d"},
    "views": {"count": "view"},
    "since_view": {"since_last": "view"},
    "spend": {"sum": "paid.amount"},
    "due": {"last": "paid.due"},
}
SEGMENTS = {
    "mortgage_intent": {
        "when": "mortgage_views_7d > 2 AND NOT (spend > 100 OR salary < 10)",
        "title": "Looking at mortgages",
        "purpose": "marketing",
        "dimension": "intent",
    },
    "looker": {"when": "views > 0", "dimension": "intent"},
    "keen": {"when": "in_segment('mortgage_intent') OR since_view < 0.5"},
    "simple": {"when": "mortgage_views_7d > 2"},
    "held": {"when": "since_view < 0.5", "hold": "1d"},
    "many": {"when": "due >= CURRENT_DATE AND spend >= 20 AND NOT in_segment('simple')"},
}
T = at("2026-05-04T09:00:00Z")
VIEWS = [event("view", T + hours * HOUR, path="/mortgage/rates") for hours in range(3)]


def why(segment: str, events: list[OracleEvent], now: int) -> Why:
    made: Bench = bench(FEATURES, SEGMENTS)
    return explain(made.membership, segment, made.rows(events), now=now)


def test_story_10() -> None:
    found = why("simple", VIEWS, at("2026-05-04T12:00:00Z"))
    assert found.as_json() == {
        "segment": "simple",
        "member": True,
        "cause": None,
        "title": None,
        "purpose": None,
        "rule": "mortgage_views_7d > 2",
        "sentence": "the mortgage views 7d is more than 2",
        "since": "2026-05-04T11:00:00Z",
        "until": "2026-05-11T09:00:00Z",
        "leaves": [
            {
                "text": "mortgage_views_7d > 2",
                "sentence": "the mortgage views 7d is more than 2",
                "values": {"mortgage_views_7d": 3},
                "truth": True,
            }
        ],
        "would_change": ["if mortgage_views_7d were at most 2 (it is 3)"],
    }
    after = why("simple", VIEWS, at("2026-05-11T09:00:00Z") + 1)
    assert (after.member, after.cause, after.until) == (False, Reason.WHEN, None)
    assert after.since == at("2026-05-11T09:00:00Z") + 1
    assert after.would_change == ("if mortgage_views_7d were more than 2 (it is 2)",)


def test_each_condition_with_its_values() -> None:
    events = [*VIEWS, consent(T), event("paid", T, amount=1250), stated("salary", 99_900, T)]
    found = why("mortgage_intent", events, T + 3 * HOUR)
    assert found.member
    assert found.title == "Looking at mortgages"
    assert found.purpose == "marketing"
    assert [(one.text, one.values, one.truth) for one in found.leaves] == [
        ("mortgage_views_7d > 2", {"mortgage_views_7d": 3}, True),
        ("spend <= 100", {"spend": Decimal("12.50")}, True),
        ("salary >= 10", {"salary": Decimal("999.00")}, True),
    ]
    assert found.would_change == (
        "if mortgage_views_7d were at most 2 (it is 3)",
        "if spend were more than 100 (it is 12.50)",
        "if salary were less than 10 (it is 999.00)",
    )
    assert msgspec.json.decode(msgspec.json.encode(found.as_json()))["until"] == "2026-05-11T09:00:00Z"


def test_what_does_not_decide_alone_is_named_with_what_else_it_takes() -> None:
    found = why("mortgage_intent", [*VIEWS[:1], consent(T), event("paid", T, amount=1250)], T)
    assert [one.truth for one in found.leaves] == [False, True, None]
    assert found.cause is Reason.WHEN
    assert found.would_change == (
        "if mortgage_views_7d were more than 2 (it is 1) and salary were at least 10 (it is not known)",
    )
    found = why("mortgage_intent", [*VIEWS, consent(T)], T + 3 * HOUR)
    assert found.would_change == ("if salary were at least 10 (it is not known)",)


def test_consent_dimension_and_absence() -> None:
    events = [*VIEWS, stated("salary", 99_900, T)]
    now = T + 3 * HOUR
    found = why("mortgage_intent", events, now)
    assert (found.member, found.cause, found.since) == (False, Reason.CONSENT, None)
    assert found.would_change == ("if consent for marketing were granted",)
    found = why("looker", events, now)
    assert (found.cause, found.since) == (Reason.DIMENSION, T + 2 * HOUR)
    assert found.would_change == ("if `mortgage_intent`, which comes first in the dimension intent, did not hold",)
    found = why("simple", events, T - 1)
    assert (found.cause, found.since, found.until, found.would_change) == (Reason.NOT_PRESENT, None, None, ())


def test_a_segment_among_the_conditions_and_a_value_that_moves() -> None:
    found = why("keen", VIEWS, T + 4 * HOUR)
    assert found.sentence == "in the segment mortgage_intent or the since view is less than 0.5"
    assert [(one.text, one.values) for one in found.leaves] == [
        ("in_segment('mortgage_intent')", {"segment.mortgage_intent": False}),
        ("since_view < 0.5", {"since_view": 2 / 24}),
    ]
    assert found.until == T + 14 * HOUR - 1
    assert found.would_change == ("if since_view were at least 0.5 (it is 0.083333)",)


def test_held_by_hold_alone() -> None:
    found = why("held", VIEWS, T + 20 * HOUR)
    assert (found.member, found.since, found.until) == (True, T, T + 14 * HOUR + DAY - 1)
    assert [one.truth for one in found.leaves] == [False]


def test_dates_and_names_of_segments() -> None:
    events = [event("paid", T, amount=2000, due=day("2026-06-01"))]
    found = why("many", events, T)
    assert [(one.text, one.sentence, one.values) for one in found.leaves] == [
        ("due >= CURRENT_DATE", "the due is at the earliest today", {"due": date(2026, 6, 1)}),
        ("spend >= 20", "the spend is at least 20", {"spend": Decimal("20.00")}),
        ("NOT in_segment('simple')", "not in the segment simple", {"segment.simple": False}),
    ]
    assert found.until == at("2026-06-02") - 1
    assert found.would_change[2] == "if in_segment('simple') were so (segment.simple is false)"


def test_what_must_change_together_is_said_together() -> None:
    case = bench(
        {"views": {"count": "view"}, "logins": {"count": "login"}},
        {"both": {"when": "views > 2 AND logins > 0 AND (views > 9 OR logins > 5)"}},
    )
    found = explain(case.membership, "both", case.rows([event("view", "2026-05-04T09:00:00Z")]), now=at("2026-05-05"))
    assert found.would_change == (
        "if views were more than 2 (it is 1) and logins were more than 0 (it is 0) "
        "and views were more than 9 (it is 1)",
    )


def test_a_condition_on_the_calendar_shows_what_it_is_today() -> None:
    case = bench({"views": {"count": "view"}}, {"due": {"when": "views > 0 AND CURRENT_DATE >= DATE '2026-06-01'"}})
    found = explain(case.membership, "due", case.rows([event("view", "2026-05-04T09:00:00Z")]), now=at("2026-05-05"))
    assert found.would_change[0].endswith("2026-05-05)")
