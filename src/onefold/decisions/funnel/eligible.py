"""``eligible``: law and policy allow the offer for this customer; unknown is not enough."""

from __future__ import annotations

from onefold.decisions.definitions import Placement
from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate


def check(candidate: Candidate, call: Call, _: Placement) -> Reason | None:
    """Let pass what the customer may have."""
    condition, channel = candidate.ready.eligible, candidate.proposal.channel
    if condition is None or call.true(condition, channel):
        return None
    return lambda: f"not eligible: {call.reasons(channel).against(condition)}"
