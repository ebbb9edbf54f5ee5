"""Until when the truth of one condition is sure to stay what it is, if nothing happens: for many customers at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onefold.core.ids import NULL
from onefold.core.instant import DAY
from onefold.features.age import birthday_in
from onefold.features.definitions import AGE, Aggregated, Collected, FeatureSet
from onefold.features.departures import Watch, watch
from onefold.features.tables import NEVER
from onefold.language.ast import Compare, Literal, Name, Node
from onefold.language.columns import BoolArray, FloatArray, Floats, floats_of, true_mask
from onefold.language.lineage import names_of
from onefold.language.to_numpy import to_numpy
from onefold.segments.intervals import Instants
from onefold.segments.linear import Movement, Moves
from onefold.segments.timers.view import View

DAYS_AHEAD = 400
"""How many midnights a condition on the date is tried at; beyond them it is asked again."""
YEARS_AHEAD = 130
_AROUND = range(-4, 5)  # microseconds about where a line meets a constant: what doubles make of it is tried
_EXACT, _FARTHEST = 10**15, 10**7  # microseconds; days
_OPERATORS = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "<>": np.not_equal,
}
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


@dataclass(frozen=True, slots=True)
class Glide:
    """A condition that compares days since (or until) an event with a constant."""

    name: str
    op: str
    days: float
    slope: int


class LeafTimer:
    """Knows what makes one condition flip as time passes.

    ``walked`` says that it cannot be solved here: it joins several values that move.
    """

    def __init__(self, node: Node, movement: Movement) -> None:
        self.node, self._moves = node, Moves(movement, node)
        self._features = movement.features
        self._true = to_numpy(node)
        self.glide = _glide(node, self._moves)
        self.walked = bool(self._moves.gliding) and self.glide is None
        self.segments = self._moves.segments
        self.watches: dict[str, Watch] = {}
        self.by_engine: set[str] = set()
        for name in sorted(self._moves.names):
            self._watch(name)

    def _watch(self, name: str) -> None:
        feature = self._features.features.get(name)
        body = feature.body if feature else None
        if body is None and name in self._features.schema.traits:
            body = self._features.trait(name)
        if isinstance(body, Collected) or (isinstance(body, Aggregated) and _by_engine(body)):
            self.by_engine.add(name)
        elif isinstance(body, Aggregated) and _departs(body, self._features):
            self.watches[name] = watch(name, body, self.node)

    @property
    def alone(self) -> Watch | None:
        """The one thing that can flip it: an event's leaving; None if there is more to it, or less."""
        return next(iter(self.watches.values())) if len(self.watches) == 1 and not self._moving else None

    @property
    def still(self) -> bool:
        """Whether time alone never flips it."""
        return not self.watches and not self._moving

    @property
    def _moving(self) -> bool:
        moves = self._moves
        return bool(self.by_engine or moves.gliding or moves.by_day or moves.by_age or moves.segments)

    def true(self, view: View) -> BoolArray:
        """Return for whom it is true."""
        return view.true(self._true)

    def sure_until(self, view: View) -> Instants:
        """Return the first instant after now at which it may be otherwise, NEVER for none."""
        found = np.full(len(view), NEVER, np.int64)
        for one in self.watches.values():
            found = np.minimum(found, view.leaving[:, view.number[one]])
        if self.by_engine:
            found = np.minimum(found, view.engine_changes)
        if self.glide is not None:
            found = np.minimum(found, self._meets(view))
        if self._moves.by_day:
            found = np.minimum(found, self._midnights(view))
        elif self._moves.by_age:
            found = np.minimum(found, self._birthdays(view))
        return found

    def _meets(self, view: View) -> Instants:
        """Return when the days since (or until) something pass the constant."""
        assert self.glide is not None
        days = floats_of(view.column(self.glide.name))
        known = ~np.isnan(days)
        now = np.nan_to_num(days)
        origin = view.now - self.glide.slope * np.rint(now * DAY).astype(np.int64)
        days_on = max(-_FARTHEST, min(self.glide.days, _FARTHEST))
        guess = origin + int(self.glide.slope * np.rint(days_on * DAY))
        found = np.full(len(view), NEVER, np.int64)
        truth = _compared(now, self.glide)
        for step in reversed(_AROUND):
            at = np.maximum(guess + step, view.now + 1)
            flips = _compared(self.glide.slope * (at - origin) / DAY, self.glide) != truth
            found = np.where(known & flips, at, found)
        far = np.abs(view.now - origin) > _EXACT  # doubles no longer tell single microseconds
        return np.where(far, np.maximum(found - len(_AROUND), view.now + 1), found)

    def _midnights(self, view: View) -> Instants:
        """Return the first midnight at which the date makes it otherwise."""
        truth = self.true(view)
        found = np.full(len(view), NEVER, np.int64)
        if self._moves.by_rank:
            return np.full(len(view), view.midnight(1))
        for later in range(1, DAYS_AHEAD + 1):
            flips = (view.true(self._true, later=later) != truth) & (found == NEVER)
            if flips.any():
                found[flips] = view.midnight(later)
            if not (found == NEVER).any():
                break
        return np.minimum(found, min(view.midnight(DAYS_AHEAD), view.next_repeat))

    def _birthdays(self, view: View) -> Instants:
        """Return the first birthday (or birth) that makes it otherwise."""
        births = view.birth_dates()
        known = births != NULL
        year = view.year
        born = np.where(known, births, 0)
        found = np.full(len(view), NEVER, np.int64)
        if names_of(self.node) != {AGE}:
            this = birthday_in(born, np.full(len(born), year))
            following = birthday_in(born, np.full(len(born), year + 1))
            return np.where(
                known, view.starts_of(np.maximum(np.where(this > view.today, this, following), born)), NEVER
            )
        ages = np.arange(YEARS_AHEAD + 1, dtype=np.float64)
        at_age = true_mask(self._true({AGE: Floats(ages)}, view.today, len(ages)))
        unborn = true_mask(self._true({AGE: Floats(np.array([np.nan]))}, view.today, 1))[0]
        reached = np.concatenate([[unborn], at_age])  # place 0: not born yet; then by age
        place = np.where(born > view.today, 0, np.nan_to_num(floats_of(view.column(AGE))) + 1).astype(np.int64)
        for start in np.unique(place[known]).tolist():
            later = np.flatnonzero(reached[start:] != reached[start])
            if len(later):
                who = np.flatnonzero(known & (place == start))
                age = start + int(later[0]) - 1
                years = _year(born[who]) + age
                found[who] = view.starts_of(born[who] if age == 0 else birthday_in(born[who], years))
        return found


def _year(days: Instants) -> Instants:
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)


def _by_engine(body: Aggregated) -> bool:
    return body.window.end is not None or body.aggregate.name == "until"


def _departs(body: Aggregated, features: FeatureSet) -> bool:
    """Whether an event can leave what it sees."""
    return body.window.start.span is not None or body.window.start.start_of is not None or bool(features.retention)


def _glide(node: Node, moves: Moves) -> Glide | None:
    """Return a condition on one gliding feature against a constant; None for anything else."""
    if len(moves.gliding) != 1 or moves.names != {moves.gliding[0]} or not isinstance(node, Compare):
        return None
    left, op, right = node.left, node.op, node.right
    if isinstance(left, Literal):
        left, op, right = right, _SWAPPED[op], left
    if not isinstance(left, Name) or not isinstance(right, Literal) or right.value is None:
        return None
    body = moves.movement.features.features[left.name].body
    slope = -1 if isinstance(body, Aggregated) and body.aggregate.name == "until" else 1
    return Glide(left.name, op, float(right.value), slope)  # type: ignore[arg-type]


def _compared(days: FloatArray, glide: Glide) -> BoolArray:
    return np.asarray(_OPERATORS[glide.op](days, glide.days))


__all__ = ["LeafTimer"]
