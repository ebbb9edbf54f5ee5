"""``applicable``: the offer fits here and now: the placement does not exclude it, and it is this treatment's turn."""

from __future__ import annotations

from onefold.decisions.definitions import Placement
from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate


def check(candidate: Candidate, call: Call, placement: Placement) -> Reason | None:
    """Let pass what fits the place, the moment and what the customer was told before."""
    offer, channel = candidate.proposal.offer, candidate.proposal.channel
    if offer in placement.excludes:
        return lambda: f"{placement.name} never shows {offer}"
    for what, condition in (("applicable", candidate.ready.applicable), ("its turn", candidate.after)):
        if condition is not None and not call.true(condition, channel):
            failed = condition
            return lambda: f"not {what}: {call.reasons(channel).against(failed)}"
    return None
