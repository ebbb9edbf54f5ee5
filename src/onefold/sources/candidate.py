"""What becomes of a row or message: an event, or a rejection with the raw text."""

from __future__ import annotations

from dataclasses import dataclass

from onefold.core.event import Event
from onefold.core.zone import Zone
from onefold.sources.contracts import Contracts
from onefold.sources.messages import event_of
from onefold.sources.rejections import Rejected, Rejection

MESSAGES = "messages"
"""The source name of Segment-spec messages."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Exactly one of ``event`` and ``rejection`` is set.

    ``record`` names the record of the mapping ("" where the row as a whole failed, and for messages). ``raw``
    is what to keep for a replay; it is empty for events. ``undeclared`` names what the event holds beyond its
    contract.
    """

    source: str
    record: str = ""
    raw: bytes = b""
    event: Event | None = None
    rejection: Rejection | None = None
    undeclared: tuple[str, ...] = ()


def message_candidate(message: object, raw: bytes, *, contracts: Contracts, zone: Zone) -> Candidate:
    """Return what becomes of one parsed Segment-spec message."""
    try:
        event = event_of(message, zone=zone)
        undeclared = contracts.check(event)
    except Rejected as error:
        return Candidate(MESSAGES, raw=raw, rejection=error.rejection)
    return Candidate(MESSAGES, event=event, undeclared=tuple(undeclared))
