"""``diversity``: an offer once in a call, by one treatment: the one with the best score, then the first defined."""

from __future__ import annotations

from collections.abc import Iterable

from onefold.decisions.funnel.base import Reason
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate


def split(ranked: Iterable[Candidate], call: Call) -> tuple[list[Candidate], list[tuple[Candidate, Reason]]]:
    """Return of candidates, the best first, those that stay and those that fall."""
    stay: list[Candidate] = []
    fall: list[tuple[Candidate, Reason]] = []
    best: dict[str, str] = {}
    for candidate in ranked:
        said = candidate.proposal
        if said.offer in call.chosen:
            fall.append((candidate, lambda: "the offer is chosen already in this call"))
        elif said.offer in best:
            fall.append((candidate, _because(best[said.offer])))
        else:
            best[said.offer] = said.treatment
            stay.append(candidate)
    return stay, fall


def _because(treatment: str) -> Reason:
    return lambda: f"the treatment {treatment} says it better"
