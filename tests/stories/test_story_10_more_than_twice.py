"""Story 10: more than twice in seven days. Who enters by a view leaves by the clock, whatever the order of arrival."""

from __future__ import annotations

from itertools import permutations

import pytest
from tests.acceptance.shop import page
from tests.stories.telling import Flip, Teller

EVENTS = """
events:
  page_viewed:
    path: {type: category}
"""
FEATURES = """
features:
  mortgage_views_7d: {count: page_viewed, where: "path LIKE '/mortgage%'", within: 7d, family: digital}
"""
SEGMENTS = """
segments:
  mortgage_intent: {title: Looking at mortgages, when: mortgage_views_7d > 2, dimension: intent, owner: home-loans}
"""
BANK = {"events": EVENTS, "features": FEATURES, "segments": SEGMENTS}
NAME = "mortgage_intent"
ENTERS, LAST, LEAVES = "2026-05-04T11:00:00Z", "2026-05-11T09:00:00Z", "2026-05-11T09:00:00.000001Z"
VIEWS = [page("/mortgage/fixed", f"2026-05-04T{hour:02}:00:00Z", id=f"view-{hour}") for hour in (9, 10, 11)]
OTHERS = [
    page("/about", "2026-05-04T09:30:00Z", id="about"),
    page("/mortgage", "2026-05-04T09:00:00Z", "twice", id="t1"),
    page("/mortgage", "2026-05-04T10:00:00Z", "twice", id="t2"),
]
FLIPS = [Flip(ENTERS, "user:u1", NAME, "entered", "event"), Flip(LEAVES, "user:u1", NAME, "left", "time")]


def test_enters_by_the_third_view_and_leaves_by_the_clock(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(*VIEWS, *OTHERS)
    for at, inside in (
        ("2026-05-04T10:59:59.999999Z", []), (ENTERS, [NAME]), (LAST, [NAME]), (LEAVES, []),
        ("2026-05-11T11:00:00.000001Z", []),
    ):  # fmt: skip
        assert story.segments("u1", at) == inside, at
        assert story.segments("twice", at) == [], at
    assert story.changes("2026-01-01", "2027-01-01") == FLIPS
    assert story.changes("2026-05-04T11:00:00.000001Z", LAST) == []
    assert story.changes("2026-05-04T10:59:59.999999Z", ENTERS) == FLIPS[:1]
    assert story.changes(LAST, LEAVES) == FLIPS[1:]


def test_why_says_until_when(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(*VIEWS, *OTHERS)
    for at in (ENTERS, "2026-05-07T00:00:00Z", LAST):
        why = story.why("u1", NAME, at)
        assert (why["member"], why["since"], why["until"]) == (True, ENTERS, LAST), at
        assert [(leaf["values"], leaf["truth"]) for leaf in why["leaves"]] == [({"mortgage_views_7d": 3}, True)]
        assert "more than 2" in why["leaves"][0]["sentence"]
        assert why["would_change"] == ["if mortgage_views_7d were at most 2 (it is 3)"]
    gone = story.why("u1", NAME, LEAVES)
    assert (gone["member"], gone["since"], gone["until"], gone["cause"]) == (False, LEAVES, None, "when")
    never = story.why("twice", NAME, ENTERS)
    assert (never["member"], never["since"], never["until"]) == (False, None, None)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_same_list_from_any_order_of_arrival(tell: Teller, order: tuple[int, ...]) -> None:
    """One load or one for each message, with repeats, and with the timelines deleted in between."""
    story, batched = tell(**BANK), order[0] == 0
    messages = [VIEWS[at] for at in order] + OTHERS
    if batched:
        story.send(*messages[::-1])
    else:
        for at, message in enumerate(messages):
            story.send(message, messages[at // 2])  # and one that came before
    assert story.changes("2026-01-01", "2027-01-01") == FLIPS
    assert story.asked("segments", "changes", "--since", "2026-01-01", "--at", LAST)[0]["at"] == ENTERS


def test_a_fourth_view_keeps_the_customer_in(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(*VIEWS)
    assert story.changes("2026-01-01", "2027-01-01") == FLIPS
    story.send(page("/mortgage/calculator", "2026-05-08T12:00:00Z"))  # it arrives late: the list is another one
    assert story.changes("2026-01-01", "2027-01-01") == [
        FLIPS[0], Flip("2026-05-11T10:00:00.000001Z", "user:u1", NAME, "left", "time")
    ]  # fmt: skip
    story.send(page("/mortgage/calculator", LEAVES, "u1"))  # leaves one microsecond before another view: still in
    assert story.segments("u1", LEAVES) == [NAME]
