"""Windows of time: which events a feature sees at ``now`` (SEMANTICS section 3, Windows)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from onefold.core.document import Section
from onefold.core.instant import DAY, Span
from onefold.features import tables


class Unit(IntEnum):
    """A unit of the calendar, in the workspace's zone; weeks are ISO weeks."""

    DAY = tables.DAY_UNIT
    WEEK = tables.WEEK_UNIT
    MONTH = tables.MONTH_UNIT
    QUARTER = tables.QUARTER_UNIT
    YEAR = tables.YEAR_UNIT


@dataclass(frozen=True, slots=True)
class Bound:
    """An edge that moves with now: nowhere, ``now - span``, or the start of the calendar unit around now."""

    span: Span | None = None
    start_of: Unit | None = None

    def row(self) -> tuple[int, int, int, int]:
        """Return the bound as a row of the kernel's table."""
        if self.start_of is not None:
            return (tables.START_OF, 0, 0, int(self.start_of))
        if self.span is None:
            return (tables.ALWAYS, 0, 0, 0)
        return (tables.SPAN, self.span.fixed, self.span.months, 0)


@dataclass(frozen=True, slots=True)
class Window:
    """An event is inside iff ``start <= time`` and, with ``end``, ``time < end``; without, ``time <= now``."""

    start: Bound = Bound()
    end: Bound | None = None


ALL_TIME = Window()
_REMEDY = "Write a number and one of s, m, h, d, w, mo, y, such as 30d or 12mo."


def read_window(section: Section) -> Window:
    """Read ``within``, ``between`` or ``since`` of a feature; noting problems, and all time where there is none."""
    stated = [key for key in ("within", "between", "since") if key in section]
    if len(stated) > 1:
        section.problem(stated[1], f"`{stated[0]}` already says the window", "Keep one of them.")
    if not stated:
        return ALL_TIME
    return {"within": _within, "between": _between, "since": _since}[stated[0]](section)


def _within(section: Section) -> Window:
    span = _span(section, "within", section.text("within") or "")
    return Window(Bound(span)) if span else ALL_TIME


def _between(section: Section) -> Window:
    ends = [_span(section, "between", str(item)) for item, _ in section.items_of("between")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        section.problem("between", "it takes two spans of time", "Write the longer first: [24mo, 12mo].")
        return ALL_TIME
    if _days(ends[0])[0] <= _days(ends[1])[1]:
        section.problem("between", "the first span is not always the longer", "Write the longer first: [24mo, 12mo].")
    return Window(Bound(ends[0]), Bound(ends[1]))


def _since(section: Section) -> Window:
    words = (section.text("since") or "").split()
    name = words[2] if len(words) == 3 and words[:2] == ["start", "of"] else ""
    unit = next((unit for unit in Unit if unit.name.lower() == name), None)
    if unit is None:
        section.problem(
            "since",
            "it takes the start of a calendar unit",
            "Write `start of day` (week, month, quarter, year).",
        )
        return ALL_TIME
    return Window(Bound(start_of=unit))


def _span(section: Section, key: str, text: str) -> Span | None:
    try:
        return Span.parse(text)
    except ValueError as error:
        section.problem(key, str(error), _REMEDY)
        return None


def _days(span: Span) -> tuple[float, float]:
    """Return the least and the greatest length that a span can have, in days."""
    if not span.months:
        return (span.fixed / DAY, span.fixed / DAY)
    if span.months % 12 == 0:
        return (span.months / 12 * 365 - 1, span.months / 12 * 366 + 1)
    return (span.months * 28 - 1, span.months * 31 + 1)
