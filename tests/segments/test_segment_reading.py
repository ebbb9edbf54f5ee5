"""Segments from YAML: what is understood, and what is refused with a remedy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.segments.workbench import features_of, section

from onefold.core.document import read_yaml
from onefold.core.errors import Problem, UserError
from onefold.core.instant import DAY, HOUR
from onefold.core.types import Purpose
from onefold.language.ast import Compare, Kind, Name
from onefold.segments.definitions import SegmentSet
from onefold.segments.reading import compile_predicate, read_segments

FEATURES = features_of(
    {
        "views": {"count": "view", "within": "7d"},
        "since_view": {"since_last": "view"},
        "since_login": {"since_last": "login"},
        "until_due": {"until": "paid.due"},
        "due": {"last": "paid.due"},
        "rounded": {"expr": "ROUND(since_view)"},
        "seldom": {"expr": "since_view * 2 + since_login"},
        "young": {"expr": "age < 30"},
    }
)


def read(segments: Any, *more: Any) -> SegmentSet:
    files = [section("segments", one, f"segments/{at}.yaml") for at, one in enumerate((segments, *more))]
    found = read_segments(files, FEATURES)
    for file in files:
        file.problems.raise_if_any()
    return found


def problems(segments: Any, *more: Any) -> list[Problem]:
    files = [section("segments", one, f"segments/{at}.yaml") for at, one in enumerate((segments, *more))]
    found = read_segments(files, FEATURES)
    assert isinstance(found, SegmentSet)
    return [problem for file in files for problem in file.problems.found]


def problem(when: str, **more: Any) -> Problem:
    found = problems({"x": {"when": when, **more}, "other": {"when": "views > 1"}})
    assert len(found) == 1, found
    assert found[0].place.line
    assert found[0].remedy
    return found[0]


def test_everything_that_can_be_said() -> None:
    text = """
segments:
  mortgage_intent:
    title: Looking at mortgages
    when: views > 2 AND NOT in_segment('saver')
    purpose: marketing
    hold: 24h
    dimension: intent
    owner: home-loans
    review_by: 2027-01-31
  saver:
    when: salary >= 100
"""
    file = read_yaml(text, "segments/a.yaml")
    found = read_segments([file], FEATURES)
    file.problems.raise_if_any()
    one = found.segments["mortgage_intent"]
    assert (one.title, one.purpose, one.hold, one.dimension) == (
        "Looking at mortgages",
        Purpose.MARKETING,
        24 * HOUR,
        "intent",
    )
    assert (one.owner, one.review_by, one.text) == (
        "home-loans",
        date(2027, 1, 31),
        "views > 2 AND NOT in_segment('saver')",
    )
    assert one.place.line == 4
    assert list(found.segments) == ["mortgage_intent", "saver"]
    assert found.order == ("saver", "mortgage_intent")
    assert found.segments["saver"].hold == 0
    assert found.gates == {(Purpose.MARKETING, None)}


def test_files_keep_their_order_within_a_dimension() -> None:
    found = read({"b": {"when": "views > 1", "dimension": "d"}}, {"a": {"when": "views > 0", "dimension": "d"}})
    assert [one.name for one in found.of_dimension("d")] == ["b", "a"]
    assert found.order == ("b", "a")


def test_a_segment_may_have_the_name_of_a_feature_or_a_trait() -> None:
    found = read({"views": {"when": "views > 1"}, "salary": {"when": "in_segment('views')"}})
    assert found.segments["salary"].when == Name("segment.views", Kind.BOOLEAN)


@pytest.mark.parametrize("empty", ["", "()", "( ( ) )", "  \n "])
def test_an_empty_group_is_refused(empty: str) -> None:
    assert "never means everybody" in problem(empty).why
    with pytest.raises(UserError, match="never means everybody"):
        compile_predicate(empty, FEATURES, SegmentSet())


@pytest.mark.parametrize("body", [{}, {"when": None}, {"title": "x"}])
def test_a_missing_predicate_is_refused(body: Any) -> None:
    found = problems({"x": {"owner": "me", **body}})
    assert len(found) == 1
    assert "never means everybody" in found[0].why


@pytest.mark.parametrize("when", [[], {}, ["views > 1"]])
def test_a_list_is_no_predicate(when: Any) -> None:
    found = problems({"x": {"when": when}})
    assert [one.what for one in found] == ["`when`"]


@pytest.mark.parametrize("when", ["TRUE", "1 = 1", "CURRENT_DATE > DATE '2026-01-01'", True])
def test_a_predicate_that_names_nothing_is_refused(when: Any) -> None:
    assert "says the same of everybody" in problem(when).why


def test_each_fault_is_told_with_its_place_all_at_once() -> None:
    found = problems(
        {
            "Bad Name": {"when": "views > 1"},
            "a": {"when": "veiws > 1", "purpose": "fun", "hold": "8d", "review_by": "soon", "dimension": "No", "x": 1},
            "b": {"when": "views > 1", "hold": "1mo"},
            "c": {"when": "views > 1", "hold": "lately"},
            "d": {"when": "in_segment('bb')"},
            "e": {"when": "views"},
        },
        {"b": {"when": "views > 2"}},
    )
    said = [str(one) for one in found]
    for part in (
        "'Bad Name': its name is not snake case",
        "Did you mean `views`?",
        "'fun' is not known. Use one of: service, marketing",
        "it is longer than 7 days",
        "'soon' is no date. Write it as 2027-01-31",
        "'No' is not snake case",
        "`x`: no such key belongs here",
        "a month has no fixed length",
        "'lately' is no span of time",
        "there is no segment of that name. Did you mean `b`?",
        "a condition belongs here",
        "`b`: it is defined twice, first in segments/0.yaml",
    ):
        assert any(part in one for one in said), part
    assert len(found) == 12
    assert all(one.place.file and one.place.line for one in found)


@pytest.mark.parametrize(
    ("segments", "circle"),
    [
        ({"a": "in_segment('a')"}, "a -> a"),
        ({"a": "in_segment('b')", "b": "NOT in_segment('a')"}, "a -> b -> a"),
        ({"x": "views > 1", "a": "in_segment('b') OR views > 1", "b": "in_segment('c')", "c": "in_segment('a')"},
         "a -> b -> c -> a"),
    ],
)  # fmt: skip
def test_circles_are_refused_by_name(segments: dict[str, str], circle: str) -> None:
    found = problems({name: {"when": when} for name, when in segments.items()})
    assert [one.why for one in found] == [f"it depends on itself: {circle}"]


def test_a_circle_through_a_dimension_is_refused() -> None:
    bodies = {"a": {"when": "in_segment('b')", "dimension": "d"}, "b": {"when": "views > 1", "dimension": "d"}}
    found = problems(bodies)
    assert len(found) == 1
    assert found[0].why.startswith("it depends on itself: a -> b -> a (a segment depends on those before it")
    assert problems({"b": bodies["b"], "a": bodies["a"]}) == []


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("since_view * since_login > 3", "it multiplies `since_view` by `since_login`, both of which move"),
        ("10 / since_view > 3", "it divides by `since_view`, which grows with time"),
        ("ROUND(since_view) > 3", "it takes ROUND of `since_view`, which grows with time"),
        ("due + since_view > CURRENT_DATE", "it takes ROUND of `since_view`"),
        ("rounded > 3", "it takes ROUND of `since_view`, which grows with time (in the feature `rounded`)"),
        ("views > 1 AND CASE WHEN views > 2 THEN 1 / until_due ELSE 0 END > 1", "it divides by `until_due`"),
        ("seldom * until_due > 1", "it multiplies `seldom` by `until_due`"),
    ],
)
def test_what_bends_in_time_is_refused(when: str, why: str) -> None:
    assert why in problem(when).why
    with pytest.raises(UserError, match="its end cannot be foretold"):
        compile_predicate(when, FEATURES, SegmentSet())


@pytest.mark.parametrize(
    "when",
    [
        "since_view * views / 3 > 2 * since_login - until_due",
        "ROUND(views / 3) > 1",
        "ROUND(CASE WHEN since_view > 3 THEN 1.5 ELSE 2.5 END) = 2",
        "GREATEST(ABS(since_view - 3), COALESCE(since_login, 0)) < NULLIF(since_view, 3)",
        "due + 3 > CURRENT_DATE AND age BETWEEN 20 AND 30 AND young",
        "since_view IN (1, 2.5) OR since_view IS NULL OR -since_view > -3",
        "LOWER(CASE WHEN since_view > 3 THEN 'A' ELSE 'B' END) LIKE 'a'",
    ],
)
def test_what_is_made_of_straight_pieces_is_taken(when: str) -> None:
    assert read({"x": {"when": when}}).segments["x"].text == when


def test_a_predicate_is_read_for_a_preview() -> None:
    segments = read({"keen": {"when": "views > 1"}})
    assert isinstance(compile_predicate("views > 2", FEATURES, segments), Compare)
    assert compile_predicate("in_segment('keen')", FEATURES, segments) == Name("segment.keen", Kind.BOOLEAN)
    with pytest.raises(UserError, match="Did you mean `keen`"):
        compile_predicate("in_segment('kean')", FEATURES, segments)
    with pytest.raises(UserError, match="names no feature"):
        compile_predicate("TRUE", FEATURES, segments)


def test_hold_is_at_most_seven_days() -> None:
    assert read({"x": {"when": "views > 1", "hold": "7d"}}).segments["x"].hold == 7 * DAY
    assert "longer than 7 days" in problem("views > 1", hold="169h").why
