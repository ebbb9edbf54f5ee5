"""``{quiet: "21:00-08:00", channels: [sms, push]}``: hours in which a channel stays silent, by the customer's clock."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

from onefold.core.document import Section
from onefold.core.instant import DAY, HOUR, MINUTE
from onefold.decisions.contact.base import Objection, register
from onefold.decisions.contact.moment import Moment, Proposal
from onefold.decisions.expressions import Expressions
from onefold.decisions.words import names_of_list
from onefold.language.ast import Node

_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Silence while the customer's wall clock shows ``start <= time < end`` (µs of the day; may span midnight)."""

    start: int
    end: int
    channels: tuple[str, ...] = ()

    @property
    def expressions(self) -> tuple[Node, ...]:
        """None: it reads the clock."""
        return ()

    def subject(self, proposal: Proposal) -> Hashable | None:
        """Return one subject for all channels that it silences."""
        return None if self.channels and proposal.channel not in self.channels else ()

    def objection(self, _: Proposal, moment: Moment) -> Objection | None:
        """Return what the customer's clock shows, in quiet hours."""
        clock = moment.zone.local(moment.now) % DAY
        inside = self.start <= clock < self.end
        if self.start > self.end:
            inside = clock >= self.start or clock < self.end
        hours, shown = f"{_shown(self.start)}-{_shown(self.end)}", _shown(clock)
        return (lambda: f"quiet hours {hours}: it is {shown} in {moment.zone.name}") if inside else None


def _shown(clock: int) -> str:
    return f"{clock // HOUR:02}:{clock % HOUR // MINUTE:02}"


def read(section: Section, _: Expressions) -> Quiet | None:
    """Read quiet hours of ``policies.yaml``."""
    section.only("quiet", "channel", "channels")
    channels = names_of_list(section, "channels", "channel")
    text = section.text("quiet") or ""
    match = _HOURS.fullmatch(text.replace(" ", ""))
    times = [int(match[at]) * HOUR + int(match[at + 1]) * MINUTE for at in (1, 3)] if match else []
    minutes = [int(match[at]) for at in (2, 4)] if match else []
    if not times or max(times) > DAY or times[0] == DAY or max(minutes) > 59 or times[0] == times[1] % DAY:
        section.problem("quiet", f"{text[:80]!r} is no span of hours", 'Write it as "21:00-08:00".')
        return None
    return Quiet(times[0], times[1], channels)


register("quiet", read)
