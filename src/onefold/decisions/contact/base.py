"""The contract of a contact policy: may this offer be said now, on this channel, after all that was said before?"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Protocol

from onefold.core.document import Section
from onefold.decisions.contact.moment import Moment, Proposal
from onefold.decisions.expressions import Expressions
from onefold.language.ast import Node

Objection = Callable[[], str]
"""Why a proposal may not be said now, in words for staff and auditors: put together only where somebody asks."""


class Policy(Protocol):
    """One contact policy of ``policies.yaml``. Policies are frozen values."""

    @property
    def expressions(self) -> tuple[Node, ...]:
        """The expressions that it reads."""
        ...

    def subject(self, proposal: Proposal) -> Hashable | None:
        """Return all that an objection to a proposal depends on, beside the moment; None where it never objects.

        Two proposals of one subject are judged once: a cap for the customer looks at no offer.
        """
        ...

    def objection(self, proposal: Proposal, moment: Moment) -> Objection | None:
        """Return why the proposal may not be said now; None where it may. Asked only of proposals with a subject.

        One more exposure never takes an objection away.
        """
        ...


Reader = Callable[[Section, Expressions], Policy | None]
"""Reads a policy of ``policies.yaml``; None where it cannot, which is then noted as a problem."""

REGISTRY: dict[str, Reader] = {}


def register(key: str, reader: Reader) -> None:
    """Make a policy known under the key by which it is written."""
    assert key not in REGISTRY
    REGISTRY[key] = reader
