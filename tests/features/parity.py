"""Compares the engine with the oracle on a case: every value and the next change, now and as time goes on."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isnan, sqrt

import numpy as np
from tests.features.harness import engine_of, same, schema_of, timeline_of
from tests.oracles.genome import Reading, Value
from tests.oracles.streams import Case

from onefold.core.instant import DAY
from onefold.features.engine import Engine
from onefold.features.genomes import Genomes
from onefold.language.columns import Floats
from onefold.oracle.reading import BY_ITSELF
from onefold.profiles.words import Rows

CHANGES = 3
"""Changes by time alone that are followed."""


def problems(case: Case, engine: Engine | None = None) -> list[str]:
    """Return what differs, at the case's moment, just before the next change, at it, and at the next ones after."""
    engine = engine or engine_of(schema_of(case.schema), case.definitions, case.zone, case.spans, case.places)
    own, elsewhere = (case.events[::2], case.events[1::2]) if case.two_names else (case.events, None)
    rows = timeline_of(engine, own, known=case.known, elsewhere=elsewhere)
    change, found = _compared(case, engine, rows, case.now)
    if change is not None and change - 1 > case.now:
        found += _compared(case, engine, rows, change - 1)[1]
    for _ in range(CHANGES):
        if change is None or found:
            break
        change, found = _compared(case, engine, rows, change)
    for now in turns(case) if not found else ():
        found += _compared(case, engine, rows, now)[1]
    return found


def turns(case: Case) -> list[int]:
    """Return the instants at which values change by themselves, as it looks now, and just before."""
    alone = [(BY_ITSELF.get(one.feature.aggregate), one) for one in case.readings()]
    instants = [at for changes, reading in alone if changes is not None for at in changes(reading)[-1:]]
    return sorted({at + more for at in instants for more in (-1, 0)})


def _compared(case: Case, engine: Engine, rows: Rows, now: int) -> tuple[int | None, list[str]]:
    """Return the oracle's next change, and what the engine says otherwise."""
    values, change = case.genome(now)
    ours = engine.read(rows, np.array([0, len(rows)], np.int64), now=now, known=case.known)
    found = [f"at {now}: {one}" for one in differences(engine, ours, values, slacks(case, now))]
    if ours.next_change(0) != change:
        found.append(f"at {now}: next_change is {ours.next_change(0)}, the oracle says {change}")
    return change, found


def differences(
    engine: Engine, found: Genomes, expected: Mapping[str, Value], slack: Mapping[str, float] | None = None
) -> list[str]:
    """Return the values of one customer that are not the oracle's."""
    wrong: list[str] = []
    for name, value in expected.items():
        result = engine.plan.features.features[name].body.result
        if result.exact:
            ours: object = found.value(name, 0)
            fine = same(ours, value, result.type, result.scale)
        else:
            ours = number_of(found, name)
            fine = near_enough(ours, value, (slack or {}).get(name, 0.0))
        if not fine:
            wrong.append(f"{name} is {ours!r}, the oracle says {value!r}")
    return wrong


def number_of(found: Genomes, name: str) -> float:
    """Return the double of one customer, as expressions see it: NaN for NULL."""
    column = found.columns[name]
    assert isinstance(column, Floats)
    return float(column.values[0])


def near_enough(ours: float, expected: Value, slack: float = 0.0) -> bool:
    """Whether a double (NaN for NULL) is the oracle's to twelve digits, or to what the terms of a sum allow."""
    if isnan(ours) or expected is None:
        return isnan(ours) and expected is None
    assert isinstance(expected, float)
    return abs(ours - expected) <= 1e-12 * max(1.0, abs(expected)) + slack


def slacks(case: Case, now: int) -> dict[str, float]:
    """Return by how much the features of a case may differ because large terms cancel in them.

    A slope is at most the deviation of values over that of times: twelve digits of that.
    """
    if not any(one.aggregate == "trend" for one in case.definitions):
        return {}
    return {one.feature.name: _slack(one) for one in case.readings(now) if one.feature.aggregate == "trend"}


def _slack(reading: Reading) -> float:
    seen = reading.seen()
    spread = [_deviation([Fraction(one.time, DAY) for one in seen])]
    values = [reading.value_of(one) for one in seen]
    spread.append(_deviation([Fraction(one) for one in values if isinstance(one, int | Fraction)]))
    return 1e-12 * spread[1] / spread[0] if spread[0] else 0.0


def _deviation(numbers: list[Fraction]) -> float:
    if not numbers:
        return 0.0
    mean = sum(numbers, Fraction(0)) / len(numbers)
    return sqrt(sum((one - mean) ** 2 for one in numbers) / len(numbers))
