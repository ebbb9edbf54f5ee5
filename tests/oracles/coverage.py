"""What a case shows: which aggregate meets which kind of nothing in which kind of window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.oracles.genome import Always, Between, Reading, Since, Within
from tests.oracles.stream_definitions import AIMS, Aim
from tests.oracles.streams import Case


def shown(case: Case) -> Iterator[Aim]:
    """Yield what the features of a case show at its moment."""
    for reading in case.readings():
        for null in set(nothings(reading)):
            yield Aim(reading.feature.aggregate, window_kind(reading), null)


def window_kind(reading: Reading) -> str:
    """Return the kind of a window."""
    match reading.feature.window:
        case Always():
            return "all"
        case Within(span):
            return "calendar" if span.months else "fixed"
        case Between():
            return "between"
        case Since():
            return "since"


def nothings(reading: Reading) -> Iterator[str]:
    """Yield the kinds of nothing that a feature meets at its moment."""
    streams = reading.feature.streams()
    inside = [event for event in reading.events if reading.in_window(event)]
    if not any(stream.holds(event) for stream in streams for event in inside) or not (
        reading.seen() or reading.feature.more
    ):
        yield "none to see"
    for event in inside:
        statement = event.source.startswith("traits.")
        if any(
            stream.source == event.source and stream.where and stream.where(event.properties) is None
            for stream in streams
        ):
            yield "where unknown"
        lacks = reading.feature.property is not None and reading.value_of(event) is None
        if reading.passes(event) and lacks and not statement:
            yield "no property"
        if reading.passes(event) and statement and event.properties["value"] is None:
            yield "trait null"


def table(counts: Counter[Aim]) -> str:
    """Return the counts as text: a line an aggregate and nothing, a column a window."""
    windows = sorted({aim.window for aim in AIMS})
    rows = sorted({(aim.aggregate, str(aim.null)) for aim in AIMS})
    head = f"{'':26}" + "".join(f"{window:>10}" for window in windows)
    lines = [
        f"{aggregate:12}{null:14}" + "".join(f"{counts[Aim(aggregate, window, null)]:>10}" for window in windows)
        for aggregate, null in rows
    ]
    return "\n".join([head, *lines])
