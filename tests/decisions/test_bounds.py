"""A bound is never below a score, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.core.types import Purpose
from onefold.decisions.bounds import bound_of
from onefold.decisions.definitions import Offer
from onefold.decisions.prepared import ReadyOffer
from onefold.decisions.rank import score_of
from onefold.language.ast import Arithmetic, Case, Kind, Literal, Name, Node

numbers = st.decimals(-3, 3, allow_nan=False, places=3) | st.sampled_from(
    [Decimal("1e300"), Decimal("0.04"), Decimal(0)]
)


def nodes(kind: Kind) -> st.SearchStrategy[Node | None]:
    literals = numbers.map(lambda value: Literal(value, kind))
    ends = literals | st.just(Literal(None, Kind.NULL)) | st.just(Name("x", kind))
    sums = literals.map(lambda one: Arithmetic("+", one, one, kind))

    def case(values: Sequence[Node]) -> Node:
        return Case(
            tuple((Name(f"c{at}", Kind.BOOLEAN), value) for at, value in enumerate(values[1:])), values[0], kind
        )

    return st.none() | literals | sums | st.lists(ends | literals, min_size=1, max_size=3).map(case)


@settings(max_examples=400, deadline=None)
@given(
    nodes(Kind.NUMBER),
    nodes(Kind.NUMBER) | nodes(Kind.MONEY),
    nodes(Kind.NUMBER),
    nodes(Kind.NUMBER),
    st.fixed_dictionaries({"x": st.floats(-2, 2), "c0": st.booleans(), "c1": st.booleans()}),
)
def test_no_score_exceeds_its_bound(
    propensity: Node | None, value: Node | None, weight: Node | None, lever: Node | None, row: dict[str, float]
) -> None:
    offer = Offer("a", "p", Purpose.MARKETING, (), value=value, propensity=propensity, weight=weight, lever=lever)
    score = score_of(ReadyOffer(offer, 2), row, 0)
    assert score.score is None or not score.counts or score.score <= bound_of(offer, 2)


def test_two_factors_below_zero_lift_a_score_beyond_both_of_their_greatest_values() -> None:
    either = Case(
        ((Name("c0", Kind.BOOLEAN), Literal(Decimal(-3), Kind.NUMBER)),), Literal(Decimal(1), Kind.NUMBER), Kind.NUMBER
    )
    offer = Offer("a", "p", Purpose.MARKETING, (), weight=either, lever=either)
    score = score_of(ReadyOffer(offer, 2), {"c0": True}, 0).score
    assert score == 9.0
    assert score <= bound_of(offer, 2)
