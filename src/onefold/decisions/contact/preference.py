"""What customers say themselves (``preference_set``): always on, written in no file."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from onefold.core.instant import format_instant
from onefold.core.types import Purpose
from onefold.decisions.contact.base import Objection
from onefold.decisions.contact.moment import Moment, Preference, Proposal, Wish
from onefold.language.ast import Node


@dataclass(frozen=True, slots=True)
class Preferences:
    """The newest statement of a topic rules, among those of all topics, and those of the channel and of all.

    ``unwanted`` holds until another is made; ``snoozed`` while ``now < until``, and for ever where no end is stated.
    What the bank owes its customers (purpose service) is said nevertheless.
    """

    @property
    def expressions(self) -> tuple[Node, ...]:
        """None: it reads the customer's statements."""
        return ()

    def subject(self, proposal: Proposal) -> Hashable | None:
        """Return the topic and channel."""
        return None if proposal.purpose is Purpose.SERVICE else (proposal.topic, proposal.channel)

    def objection(self, proposal: Proposal, moment: Moment) -> Objection | None:
        """Return the customer's statement, where it speaks against the topic."""
        newest = next((one for one in reversed(moment.preferences) if _about(one, proposal, moment.now)), None)
        if newest is None or newest.wish is Wish.WANTED:
            return None
        topic, time, until = newest.topic or "anything", newest.time, newest.until
        if newest.wish is Wish.UNWANTED or until is None:
            return lambda: f"the customer does not want {topic}, as stated at {format_instant(time)}"
        return None if moment.now >= until else lambda: f"the customer snoozed {topic} until {format_instant(until)}"


def _about(one: Preference, proposal: Proposal, now: int) -> bool:
    return one.time <= now and one.topic in (None, proposal.topic) and one.channel in (None, proposal.channel)
