"""Events of offers and preferences off real records of a timeline."""

from __future__ import annotations

from typing import Any

import pytest
from tests.decisions.bank import NOON, UTC, Bank

from onefold.core.event import Event
from onefold.core.instant import DAY, Span, format_instant
from onefold.decisions.contact.moment import Contact, Outcome, Preference, Wish
from onefold.decisions.exposures import contacts_of, oldest_of, preferences_of
from onefold.features.texts import TextTable
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.profiles.layout import Layout
from onefold.profiles.words import Rows, empty_rows, in_byte_order
from onefold.sources.contracts import check
from onefold.sources.rejections import Rejected

NODE = b"customer".ljust(16)
FOREVER = 2**62


class Timeline:
    """One person's records."""

    def __init__(self, bank: Bank) -> None:
        self.schema = bank.schema
        self.layout = Layout(bank.schema)
        self.texts = TextTable()
        self._gather = Gather(self.layout)
        self._count = 0

    def say(self, name: str, time: int, *, known_at: int = 0, **properties: Any) -> Timeline:
        self._count += 1
        event = Event(node="user:7", name=name, time=time, message_id=f"m{self._count}", properties=properties)
        assert check(event, self.schema) == []
        self._gather.add(event, Stamp(NODE, known_at, 0))
        return self

    def rows(self) -> Rows:
        batch = self._gather.batch(1)
        self.texts.add(batch.texts.items())
        return in_byte_order(batch.rows[NODE]) if batch.rows else empty_rows(self.layout.width)


@pytest.fixture
def timeline(bank: Bank) -> Timeline:
    return Timeline(bank)


def contacts(timeline: Timeline, *, now: int = NOON, known: int = FOREVER, **oldest: int) -> list[Contact]:
    return contacts_of(timeline.rows(), timeline.layout, timeline.texts, now=now, known=known, oldest=oldest)


SAID: dict[str, Any] = {
    "offer": "loan",
    "treatment": "banner",
    "placement": "home",
    "channel": "web",
    "decision_id": "d1",
}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_event_of_an_offer_is_read_with_all_it_says(timeline: Timeline, outcome: Outcome) -> None:
    timeline.say(f"offer_{outcome}", 5, **SAID).say("complaint", 6)
    assert contacts(timeline) == [Contact(outcome, 5, "loan", "banner", "home", "web", "d1")]


def test_events_come_in_order_of_time_and_say_what_they_say(timeline: Timeline) -> None:
    timeline.say("offer_shown", 9, offer="b").say("offer_shown", 5).say("offer_clicked", 7, offer="a")
    assert contacts(timeline) == [
        Contact(Outcome.SHOWN, 5),
        Contact(Outcome.CLICKED, 7, "a"),
        Contact(Outcome.SHOWN, 9, "b"),
    ]


def test_what_is_to_come_or_was_not_known_does_not_exist(timeline: Timeline) -> None:
    timeline.say("offer_shown", NOON).say("offer_shown", NOON + 1).say("offer_shown", 3, known_at=11)
    timeline.say("offer_shown", 4, known_at=10)
    assert [one.time for one in contacts(timeline, known=10)] == [4, NOON]


def test_retention_is_a_window(timeline: Timeline) -> None:
    oldest = oldest_of({"offer_shown": Span(fixed=DAY)}, UTC, NOON)
    timeline.say("offer_shown", NOON - DAY - 1).say("offer_shown", NOON - DAY).say("offer_clicked", 1)
    assert [one.time for one in contacts(timeline, **oldest)] == [1, NOON - DAY]


def test_nobody_has_said_nothing(timeline: Timeline) -> None:
    assert contacts(timeline) == []


def test_preferences_are_read(timeline: Timeline) -> None:
    until = NOON + DAY
    timeline.say("preference_set", 1, topic="loans", preference="unwanted")
    timeline.say("preference_set", 2, topic="loans", preference="snoozed", until=format_instant(until), channel="sms")
    timeline.say("preference_set", 3, topic="savings").say("preference_set", 4, preference="wanted")
    found = preferences_of(timeline.rows(), timeline.layout, timeline.texts, now=NOON, known=FOREVER)
    assert found == [
        Preference(Wish.UNWANTED, 1, "loans"),
        Preference(Wish.SNOOZED, 2, "loans", "sms", until),
        Preference(Wish.WANTED, 4),
    ]


def test_a_preference_that_is_none_is_rejected(timeline: Timeline) -> None:
    with pytest.raises(Rejected, match="snoozed, unwanted, wanted"):
        timeline.say("preference_set", 1, topic="loans", preference="maybe")
