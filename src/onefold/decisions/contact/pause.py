"""``{pause: 30d, after: {rejections: 3, within: 30d}, per: offer}``: silence once a customer said no often enough."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from onefold.core.document import Section
from onefold.core.instant import Span, format_instant
from onefold.decisions.contact.base import Objection, register
from onefold.decisions.contact.moment import Contact, Moment, Outcome, Per, Proposal
from onefold.decisions.contact.spans import before, leaves
from onefold.decisions.expressions import Expressions
from onefold.decisions.words import span_of, span_text, whole_of, word_of
from onefold.language.ast import Node

EXPOSURES = "exposures"
COUNTED: Mapping[str, Outcome] = MappingProxyType(
    {
        "rejections": Outcome.REJECTED,
        "ignored": Outcome.IGNORED,
        "clicks": Outcome.CLICKED,
        "acceptances": Outcome.ACCEPTED,
        "conversions": Outcome.CONVERTED,
        EXPOSURES: Outcome.SHOWN,
    }
)
"""What can be counted, by the word it is written with; exposures include reservations that still count."""


@dataclass(frozen=True, slots=True)
class Pause:
    """From the ``most``-th such event within a span on, nothing for the length of the pause.

    An event at t that is at least the ``most``-th in the window ``within`` that ends at t pauses for
    ``t <= now < t + length``. Without ``within`` all events before it count.
    """

    length: Span
    what: str
    most: int
    within: Span | None = None
    per: Per = Per.CUSTOMER

    @property
    def expressions(self) -> tuple[Node, ...]:
        """None: a pause counts."""
        return ()

    def subject(self, proposal: Proposal) -> Hashable | None:
        """Return what is counted under."""
        return self.per.of(proposal)

    def objection(self, proposal: Proposal, moment: Moment) -> Objection | None:
        """Return what the pause follows, where there is one now."""
        last = self._trigger(self._events(proposal, moment), moment)
        return None if last is None else lambda: self._said(last, moment)

    def _said(self, last: int, moment: Moment) -> str:
        end = format_instant(leaves(moment.home, last - 1, self.length))
        within = f" within {span_text(self.within)}" if self.within else ""
        of = "" if self.per is Per.CUSTOMER else f" of the {self.per}"
        return f"{self.most} {self.what}{of}{within}, the last at {format_instant(last)}; paused until {end}"

    def _events(self, proposal: Proposal, moment: Moment) -> Sequence[Contact]:
        key = self.per.of(proposal)
        if self.what == EXPOSURES:
            return [one for one in moment.exposures_by(self.per, key) if one.time <= moment.now]
        outcome = COUNTED[self.what]
        events = moment.contacts_by(self.per, key)
        return [one for one in events if one.outcome is outcome and one.time <= moment.now]

    def _trigger(self, events: Sequence[Contact], moment: Moment) -> int | None:
        """Return the time of the newest event that pauses now, None where nothing does."""
        if len(events) < self.most:
            return None
        over = moment.start(self.length)  # what happened then or before pauses no more
        for at in range(len(events) - 1, self.most - 2, -1):
            time, first = events[at].time, events[at - self.most + 1].time
            if time <= over:
                break
            if self.within is None or first >= before(moment.home, time, self.within):
                return time
        return None


def read(section: Section, _: Expressions) -> Pause | None:
    """Read a pause of ``policies.yaml``."""
    section.only("pause", "after", "per")
    length = span_of(section, "pause", required=True)
    per = word_of(section, "per", Per) or Per.CUSTOMER
    after = section.section("after")
    if after is None:
        if section.raw("after") is None:
            section.problem("after", "it does not say what the pause follows", _REMEDY)
        return None
    after.only("within", *COUNTED)
    stated = [word for word in COUNTED if word in after]
    if len(stated) != 1:
        why = f"it has several: {', '.join(stated)}" if stated else "it does not say what the pause follows"
        section.problem("after", why, _REMEDY)
        return None
    most, within = whole_of(after, stated[0]), span_of(after, "within")
    if most is not None and most > 1 and "within" not in after:
        section.problem("after", "it does not say within which time", "Add `within: 30d`.")
    return None if length is None or most is None else Pause(length, stated[0], most, within, per)


_REMEDY = f"Write one of {', '.join(COUNTED)}, such as {{rejections: 3, within: 30d}}."

register("pause", read)
