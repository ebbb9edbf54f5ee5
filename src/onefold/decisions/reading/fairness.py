"""Fair lending: what may not rest on protected data, or on a stand-in for it, directly or by lineage."""

from __future__ import annotations

from onefold.core.document import Section
from onefold.decisions.definitions import Offer
from onefold.decisions.lineage import UNFAIR, Lineage
from onefold.language.ast import Node
from onefold.language.lineage import names_of


def check_fairness(offer: Offer, section: Section, lineage: Lineage) -> None:
    """Note every price point, and every factor of a regulated offer's rank, that rests on what it must not.

    ``eligible`` and ``suitable`` may: the law itself asks for an age.
    """
    terms = section.section("terms")
    for name, node in offer.terms.items():
        if terms is not None:
            _check(name, node, terms, lineage, "prices never rest on such data")
    if offer.regulated is None:
        return
    factors = {"propensity": offer.propensity, "value": offer.value, "weight": offer.weight, "lever": offer.lever}
    for name, factor in factors.items():
        if factor is not None:
            _check(name, factor, section, lineage, "the rank of a regulated offer never rests on such data")


def _check(key: str, node: Node, section: Section, lineage: Lineage, rule: str) -> None:
    for name in sorted(names_of(node)):
        trails = lineage.of(name)
        for tag in sorted(UNFAIR & trails.keys()):
            path = " -> ".join((key, *_merged(name, trails[tag])))
            section.problem(key, f"it rests on {tag} data: {path}; {rule}", f"Leave out `{name}`.")


def _merged(name: str, trail: tuple[str, ...]) -> tuple[str, ...]:
    return trail if trail[0] == name or trail[0].startswith("in_segment") else (name, *trail)
