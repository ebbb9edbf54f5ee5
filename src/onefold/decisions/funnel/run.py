"""One placement's candidates through the funnel: who is chosen, and how far every other one came."""

from __future__ import annotations

from dataclasses import dataclass

from onefold.decisions.answer import Stage
from onefold.decisions.definitions import Placement
from onefold.decisions.funnel import STAGES, contact
from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.funnel.diversity import split
from onefold.decisions.prepared import Candidate, Lane


@dataclass(frozen=True, slots=True)
class End:
    """Where a candidate's way ended."""

    candidate: Candidate
    stage: Stage
    reason: Reason


def run(call: Call, placement: Placement, lane: Lane) -> list[End]:
    """Send all candidates of a channel through the funnel; each comes out once, in the order of definition.

    The chosen ones are noted in the call, in the order of their ranks, so that the next placement knows of them.
    """
    candidates = lane.candidates
    ends: dict[Candidate, End] = {}
    through: list[Candidate] = []
    for candidate in candidates:
        for stage, check in STAGES:
            reason = check(candidate, call, placement)
            if reason is not None:
                ends[candidate] = End(candidate, stage, reason)
                break
        else:
            through.append(candidate)
    through.sort(key=lambda candidate: -(call.score(candidate).score or 0.0))  # stable: ties by definition
    for end in _chosen(through, call, placement):
        ends[end.candidate] = end
    return [ends[candidate] for candidate in candidates]


def _chosen(ranked: list[Candidate], call: Call, placement: Placement) -> list[End]:
    """Choose up to the placement's limit; contact policies see each choice before the next."""
    stay, fall = split(ranked, call)
    ends = [End(candidate, Stage.DIVERSITY, reason) for candidate, reason in fall]
    chosen = 0
    for candidate in stay:
        if chosen == placement.limit:
            ends.append(
                End(candidate, Stage.RANK, lambda: f"{placement.name} shows {placement.limit}, others rank higher")
            )
            continue
        objection = contact.check(candidate, call, placement) if chosen else None
        if objection is not None:
            ends.append(End(candidate, Stage.CONTACT, objection))
            continue
        chosen += 1
        call.choose(candidate, placement)
        ends.append(End(candidate, Stage.CHOSEN, _ranked(chosen)))
    return ends


def _ranked(rank: int) -> Reason:
    return lambda: f"rank {rank}"
