"""``{suppress: "open_complaint OR in_hardship", except: [service]}``: nobody to whom this may apply is approached."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from onefold.core.document import Section
from onefold.core.types import Purpose
from onefold.decisions.contact.base import Objection, register
from onefold.decisions.contact.moment import Moment, Proposal
from onefold.decisions.expressions import CHANNEL, Expressions
from onefold.decisions.words import words_of_list
from onefold.language.ast import Node
from onefold.language.lineage import names_of
from onefold.language.sentence import sentence
from onefold.language.to_python import to_python
from onefold.language.values import Evaluate

_SAID = {True: "suppressed:", False: "suppressed, for it is unknown whether"}


@dataclass(frozen=True)
class Suppress:
    """Silence where a condition is true *or unknown*, but for exempt purposes."""

    condition: Node
    exempt: frozenset[Purpose] = frozenset()
    money_scale: int = 2

    @property
    def expressions(self) -> tuple[Node, ...]:
        """The condition."""
        return (self.condition,)

    def subject(self, proposal: Proposal) -> Hashable | None:
        """Return one subject for all proposals, or one a channel where the condition asks for it."""
        if proposal.purpose in self.exempt:
            return None
        return proposal.channel if self._by_channel else ()

    def objection(self, proposal: Proposal, moment: Moment) -> Objection | None:
        """Return the condition, unless it is known to be false."""
        row = {**moment.row, CHANNEL: proposal.channel} if self._by_channel else moment.row
        truth = self._run(row, moment.today)
        if truth is False:
            return None
        return lambda: f"{_SAID[truth is True]} {sentence(self.condition, money_scale=self.money_scale)}"

    @cached_property
    def _run(self) -> Evaluate:
        return to_python(self.condition)

    @cached_property
    def _by_channel(self) -> bool:
        return CHANNEL in names_of(self.condition)


def read(section: Section, expressions: Expressions) -> Suppress | None:
    """Read a suppression of ``policies.yaml``."""
    section.only("suppress", "except")
    condition, exempt = expressions.predicate(section, "suppress"), words_of_list(section, "except", Purpose)
    return None if condition is None else Suppress(condition, exempt, expressions.scope.money_scale)


register("suppress", read)
