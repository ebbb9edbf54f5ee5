"""The decision: a pure function of catalogue, request and situation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from onefold.core.errors import Problem, UserError
from onefold.core.instant import format_instant
from onefold.decisions.answer import Answer, Item, PlacementAnswer, Stage, Status, Step, worst
from onefold.decisions.compiled import Exact
from onefold.decisions.definitions import Placement
from onefold.decisions.funnel import quick
from onefold.decisions.funnel.call import Call
from onefold.decisions.funnel.run import End, run
from onefold.decisions.prepared import Candidate, Prepared
from onefold.decisions.request import Request
from onefold.decisions.situation import Situation
from onefold.decisions.words import did_you_mean


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is written on an answer: its id, and what ``known`` (None: everything) and which definitions it rests on."""

    decision_id: str
    known: int | None
    definitions: str


def decide(prepared: Prepared, request: Request, situation: Situation, *, stamp: Stamp, seed: bytes) -> Answer:
    """Decide what is worth saying in each placement, in the order of the request.

    The same arguments give the same answer, to the byte. ``seed`` is what all chance will be drawn from: with given
    propensities there is none, and every ``pscore`` is 1. Raises :class:`UserError` for placements that are not there.
    """
    del seed  # exploration draws from it, in a later release
    placements = placements_of(prepared, request)
    call = Call(prepared, situation, decision=stamp.decision_id)
    answers = {
        placement.name: _answer(call, placement, request.channel or placement.channel, explain=request.explain)
        for placement in placements
    }
    return Answer(
        decision_id=stamp.decision_id,
        status=worst(answer.status for answer in answers.values()),
        at=format_instant(situation.now),
        known=None if stamp.known is None else format_instant(stamp.known),
        definitions=stamp.definitions,
        placements=answers,
    )


def placements_of(prepared: Prepared, request: Request) -> list[Placement]:
    """Return the placements that a request names, each once; raise :class:`UserError` with all that do not exist."""
    known = prepared.catalogue.placements
    asked = dict.fromkeys(request.placements)
    problems = [
        Problem(f"the placement {name[:80]!r}", "there is none of that name", did_you_mean(name, known))
        for name in asked
        if name not in known
    ]
    if not asked:
        problems.append(Problem("the request", "it names no placement", "Name at least one."))
    if problems:
        raise UserError(problems)
    return [known[name] for name in asked]


def _answer(call: Call, placement: Placement, channel: str, *, explain: bool) -> PlacementAnswer:
    lane = call.prepared.lane(channel)
    denied = quick.denied(call, channel, lane)
    ends: list[End] = []
    if explain:
        ends = run(call, placement, lane)
        chosen = [end.candidate for end in ends if end.stage is Stage.CHOSEN]
        chosen.sort(key=lambda candidate: -(call.score(candidate).score or 0.0))
    else:
        chosen = quick.choose(call, placement, lane)
    return PlacementAnswer(
        status=Status.DENIED if denied else Status.OK,
        default=placement.default,
        items=tuple(_item(call, candidate, rank) for rank, candidate in enumerate(chosen, 1)),
        funnel=_steps(call, ends) if explain else msgspec.UNSET,
    )


def _item(call: Call, candidate: Candidate, rank: int) -> Item:
    score, channel = call.score(candidate), candidate.proposal.channel
    assert score.score is not None
    return Item(
        offer=candidate.proposal.offer,
        treatment=candidate.treatment.name,
        rank=rank,
        propensity=score.propensity,
        pscore=1.0,
        score=score.score,
        terms=_terms(call, candidate),
        actions=candidate.treatment.actions,
        reasons=call.reasons(channel).for_offer(candidate.ready),
        content=candidate.treatment.content,
    )


def _terms(call: Call, candidate: Candidate) -> dict[str, Exact]:
    """Return the price points; none is below the floor."""
    row, today, ready = call.row(candidate.proposal.channel), call.situation.today, candidate.ready
    floor = ready.floor(row, today) if ready.floor is not None else None
    found: dict[str, Exact] = {}
    for name, term in ready.terms.items():
        value = term(row, today)
        found[name] = floor if value is not None and floor is not None and value < floor else value
    return found


def _steps(call: Call, ends: Sequence[End]) -> tuple[Step, ...]:
    ranked = {Stage.DIVERSITY, Stage.RANK, Stage.CHOSEN}
    return tuple(
        Step(
            offer=end.candidate.proposal.offer,
            treatment=end.candidate.treatment.name,
            stage=end.stage,
            reason=end.reason(),
            score=call.score(end.candidate).score if end.stage in ranked else None,
        )
        for end in ends
    )
