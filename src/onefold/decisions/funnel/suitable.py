"""``suitable``: the offer is good for this customer; unknown is not enough."""

from __future__ import annotations

from onefold.decisions.definitions import Placement
from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate


def check(candidate: Candidate, call: Call, _: Placement) -> Reason | None:
    """Let pass what does the customer good."""
    condition, channel = candidate.ready.suitable, candidate.proposal.channel
    if condition is None or call.true(condition, channel):
        return None
    return lambda: f"not suitable: {call.reasons(channel).against(condition)}"
