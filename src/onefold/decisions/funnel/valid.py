"""``valid``: the offer is made at this time."""

from __future__ import annotations

from onefold.core.instant import format_instant
from onefold.decisions.definitions import Placement
from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate


def check(candidate: Candidate, call: Call, _: Placement) -> Reason | None:
    """Let pass what has begun and has not ended."""
    valid, now = candidate.ready.offer.valid, call.situation.now
    start, end = valid.start, valid.end
    if start is not None and now < start:
        return lambda: f"it begins at {format_instant(start)}"
    if end is not None and now >= end:
        return lambda: f"it ended before {format_instant(end)}"
    return None
