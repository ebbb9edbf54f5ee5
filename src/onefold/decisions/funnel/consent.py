"""``consent``: every purpose of the offer is granted for the channel; fails closed."""

from __future__ import annotations

from onefold.decisions.definitions import Placement
from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate


def check(candidate: Candidate, call: Call, _: Placement) -> Reason | None:
    """Let pass what the customer agreed to."""
    channel = candidate.proposal.channel
    for purpose in candidate.purposes:
        if not call.granted(purpose, channel):
            return lambda: f"{purpose} is not granted for {channel}"
    return None
