"""The same choice as :mod:`onefold.decisions.funnel.run` makes, without working out how far every other one came.

Of a thousand offers one is shown. Looking at the most promising first, and at consent and contact before all else,
a decision works out a few conditions and scores in place of all. It relies on two things that tests hold: a bound is
never below the score, and one more exposure never takes the objection of a contact policy away.
"""

from __future__ import annotations

from heapq import heappop, heappush

from onefold.decisions.definitions import Placement
from onefold.decisions.funnel import STAGES, consent, contact, valid
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate, Lane

_CHEAP = (consent.check, contact.check, valid.check)
_CHECKS = (*_CHEAP, *(check for _, check in STAGES if check not in _CHEAP))
"""All stages; those that are answered for many offers at once come first, for here their order does not matter."""

_Ranked = tuple[float, int]  # minus the score, place in the order of definition: the best first


def choose(call: Call, placement: Placement, lane: Lane) -> list[Candidate]:
    """Return the chosen candidates, the best first; they are noted in the call."""
    chosen: list[Candidate] = []
    waiting: list[_Ranked] = []
    at = 0
    while len(chosen) < placement.limit:
        at = _take_in(call, placement, lane, waiting, at=at)
        if not waiting:
            break
        candidate = lane.candidates[heappop(waiting)[1]]
        if candidate.proposal.offer in call.chosen or (chosen and contact.check(candidate, call, placement)):
            continue
        call.choose(candidate, placement)
        chosen.append(candidate)
    return chosen


def denied(call: Call, channel: str, lane: Lane) -> bool:
    """Whether there are candidates and every one lacks a consent."""
    asked = lane.purposes
    return bool(asked) and not any(all(call.granted(one, channel) for one in purposes) for purposes in asked)


def _take_in(call: Call, placement: Placement, lane: Lane, waiting: list[_Ranked], *, at: int) -> int:
    """Add candidates that may be said until none that is left can be as good as the best that waits.

    It goes on where the last time ended, and returns where it ended.
    """
    promising = lane.promising
    while at < len(promising) and (not waiting or promising[at][0] >= -waiting[0][0]):
        place = promising[at][1]
        at += 1
        candidate = lane.candidates[place]
        for check in _CHECKS:
            if check(candidate, call, placement) is not None:
                break
        else:
            heappush(waiting, (-(call.score(candidate).score or 0.0), place))
    return at
