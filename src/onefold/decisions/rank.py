"""The worth of saying an offer: propensity x value x context weight x lever."""

from __future__ import annotations

from dataclasses import dataclass

from onefold.decisions.prepared import ReadyOffer
from onefold.language.values import Row, Value, finite, number_of


@dataclass(frozen=True, slots=True)
class Score:
    """What an offer is worth now, in major units of money; ``score`` is None where something in it is unknown.

    ``propensity`` is None where the offer states none: the score then takes it as 1, as it does with a value that is
    not stated. ``fault`` says what is unknown.
    """

    propensity: float | None
    score: float | None
    fault: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is worth the attention at all."""
        return self.score is not None and self.score > 0

    @property
    def why_not(self) -> str:
        """Why it is not worth the attention."""
        return f"nothing worth saying: {self.fault or f'the score is {self.score}'}"


def score_of(ready: ReadyOffer, row: Row, today: int) -> Score:
    """Work out the score of an offer.

    A propensity outside 0 to 1 is no probability and counts as unknown.
    """
    propensity, total = None, 1.0
    if ready.propensity is not None:
        stated = _number(ready.propensity.run(row, today))
        if stated is None:
            return Score(None, None, "its propensity is unknown")
        if not 0 <= stated <= 1:
            return Score(None, None, f"its propensity of {stated} is no probability")
        propensity = total = stated
    if ready.value is not None:
        value = _number(ready.value.run(row, today))
        if value is None:
            return Score(propensity, None, "its value is unknown")
        total *= value / ready.value_unit
    for factor in ready.factors:
        weight = _number(factor.run(row, today))
        if weight is None:
            return Score(propensity, None, "its weight or lever is unknown")
        total *= weight
    score = finite(total)
    return Score(propensity, score, "" if score is not None else "its score is beyond all numbers")


def _number(value: Value) -> float | None:
    return None if value is None else number_of(value)
