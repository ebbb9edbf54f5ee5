"""What an offer can be worth at most, whoever asks: it lets a decision look at the promising ones first."""

from __future__ import annotations

from decimal import Decimal
from math import inf

from onefold.decisions.definitions import Offer
from onefold.language.ast import Case, Kind, Literal, Node


def bound_of(offer: Offer, money_scale: int) -> float:
    """Return a number that no score of an offer exceeds, infinity where it cannot be told without asking.

    It multiplies as :func:`onefold.decisions.rank.score_of` does: rounding keeps the order, so the bound is safe to
    the last bit.
    """
    total = 1.0
    if offer.propensity is not None:
        total = max(0.0, min(1.0, _range(offer.propensity)[1]))
    if offer.value is not None:
        unit = float(10**money_scale) if offer.value.kind is Kind.MONEY else 1.0
        total *= max(0.0, _range(offer.value)[1] / unit)
    for factor in (offer.weight, offer.lever):
        if factor is not None:
            least, most = _range(factor)
            if least < 0:
                return inf
            total *= most
    return total if total == total else inf  # nothing times infinity is no number


def _range(node: Node) -> tuple[float, float]:
    """Return the least and the greatest value of constants and of CASEs over them; all numbers for the rest.

    >>> one, two = Literal(Decimal(1), Kind.NUMBER), Literal(Decimal(2), Kind.NUMBER)
    >>> _range(Case(((Literal(True, Kind.BOOLEAN), two),), one, Kind.NUMBER))
    (1.0, 2.0)
    """
    if isinstance(node, Literal) and isinstance(node.value, Decimal):
        return float(node.value), float(node.value)
    if isinstance(node, Literal) and node.value is None:
        return inf, -inf  # unknown: no value at all
    if isinstance(node, Case):
        ranges = [_range(value) for _, value in node.branches] + [_range(node.default)]
        return min(least for least, _ in ranges), max(most for _, most in ranges)
    return -inf, inf
