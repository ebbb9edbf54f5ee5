"""``contact``: no contact policy objects, after all that was said before."""

from __future__ import annotations

from onefold.decisions.definitions import Placement
from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate


def check(candidate: Candidate, call: Call, _: Placement) -> Reason | None:
    """Let pass what may be said now; asked again after each choice, for a choice is an exposure."""
    return call.objection(candidate)
