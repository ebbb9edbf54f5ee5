"""``{cap: 3, per: customer, within: 1d, channels: [web, mobile]}``: at most so many exposures in a window."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass

from onefold.core.document import Section
from onefold.core.instant import Span, format_instant
from onefold.core.types import Purpose
from onefold.decisions.contact.base import Objection, register
from onefold.decisions.contact.moment import Contact, Moment, Per, Proposal
from onefold.decisions.contact.spans import leaves
from onefold.decisions.expressions import Expressions
from onefold.decisions.words import names_of_list, span_of, span_text, whole_of, word_of, words_of_list
from onefold.language.ast import Node


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``most`` exposures with ``now - within <= time <= now``, counted by ``per``, on some channels or all.

    Proposals on other channels, or of an exempt purpose, are not its business; exposures of exempt offers count.
    """

    most: int
    within: Span
    channels: tuple[str, ...] = ()
    per: Per = Per.CUSTOMER
    exempt: frozenset[Purpose] = frozenset()

    @property
    def expressions(self) -> tuple[Node, ...]:
        """None: a cap counts."""
        return ()

    def subject(self, proposal: Proposal) -> Hashable | None:
        """Return what is counted under; the channel does not matter among those of the cap."""
        if proposal.purpose in self.exempt or (self.channels and proposal.channel not in self.channels):
            return None
        return self.per.of(proposal)

    def objection(self, proposal: Proposal, moment: Moment) -> Objection | None:
        """Return how often the customer saw such offers, where that is as often as is allowed."""
        exposures = moment.exposures_by(self.per, self.per.of(proposal))
        if len(exposures) < self.most:
            return None
        start = moment.start(self.within)
        recent = exposures[bisect_left(exposures, start, key=lambda one: one.time) :]
        seen = [one for one in recent if one.time <= moment.now and (not self.channels or one.channel in self.channels)]
        return None if len(seen) < self.most else lambda: self._said(seen, moment)

    def _said(self, seen: list[Contact], moment: Moment) -> str:
        ends = sorted(self._end(one, moment) for one in seen)
        free = format_instant(ends[len(seen) - self.most])
        where = f" on {', '.join(self.channels)}" if self.channels else ""
        of = "" if self.per is Per.CUSTOMER else f" for the {self.per}"
        return f"{len(seen)} of {self.most}{of}{where} within {span_text(self.within)}; free again at {free}"

    def _end(self, exposure: Contact, moment: Moment) -> int:
        """Return the first instant at which an exposure counts no more: a reservation may lapse before that."""
        end = leaves(moment.home, exposure.time, self.within)
        return end if exposure.until is None else min(end, exposure.until + 1)


def read(section: Section, _: Expressions) -> Cap | None:
    """Read a cap of ``policies.yaml``."""
    section.only("cap", "channel", "channels", "per", "within", "except")
    most, within = whole_of(section, "cap"), span_of(section, "within", required=True)
    per = word_of(section, "per", Per) or Per.CUSTOMER
    channels, exempt = names_of_list(section, "channels", "channel"), words_of_list(section, "except", Purpose)
    return None if most is None or within is None else Cap(most, within, channels, per, exempt)


register("cap", read)
