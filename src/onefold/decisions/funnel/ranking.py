"""``ranking``: the offer is worth the attention."""

from __future__ import annotations

from onefold.decisions.definitions import Placement
from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate


def check(candidate: Candidate, call: Call, _: Placement) -> Reason | None:
    """Let pass what has a known score above 0."""
    score = call.score(candidate)
    return None if score.counts else lambda: score.why_not
