"""Windows of time, read aloud: SEMANTICS section 3, and retention, which is a window too (section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from onefold.core.instant import DAY, Span
from onefold.oracle.calendar import first_instant, months_before, start_of, zone_named


@dataclass(frozen=True)
class Always:
    """Everything up to now."""


@dataclass(frozen=True)
class Within:
    """now - span <= time <= now."""

    span: Span


@dataclass(frozen=True)
class Between:
    """now - longest <= time < now - shortest."""

    longest: Span
    shortest: Span


@dataclass(frozen=True)
class Since:
    """From the start of the present day, week, month, quarter or year to now."""

    unit: str


Window = Always | Within | Between | Since
ALL_TIME = Always()


def retention_of(retention: Mapping[str, Span], source: str) -> Span | None:
    """Return how long events of a source exist: a list goes with its event, a trait with ``traits``.

    >>> retention_of({"card_purchase": Span(months=24)}, "card_purchase.products")
    Span(fixed=0, months=24)
    """
    return retention.get(source, retention.get(source.partition(".")[0]))


@lru_cache(maxsize=10_000)
def bounds(window: Window, retention: Span | None, now: int, zone: str) -> tuple[int | None, int]:
    """Return (start, end) at ``now``: an event is in the window iff start <= time < end."""
    starts = [] if retention is None else [before(now, retention, zone)]
    end = now + 1
    match window:
        case Within(span):
            starts.append(before(now, span, zone))
        case Since(unit):
            starts.append(start_of(unit, now, zone_named(zone)))
        case Between(longest, shortest):
            starts.append(before(now, longest, zone))
            end = before(now, shortest, zone)
        case Always():
            pass
    return max(starts, default=None), end


def before(now: int, span: Span, zone: str) -> int:
    """Return the instant that lies a span before ``now``."""
    return months_before(now, span.months, zone_named(zone)) if span.months else now - span.fixed


@lru_cache(maxsize=100_000)
def stay(time: int, window: Window, retention: Span | None, zone: str) -> tuple[int, int | None]:
    """Return the first instant at which a window has reached an event, and the first at which it has left it.

    Both bounds never move back, so the event is inside from the one to just before the other, if they are in
    this order, and never where they are not.
    """

    def reached(now: int) -> bool:
        return bounds.__wrapped__(window, retention, now, zone)[1] > time

    def left(now: int) -> bool:
        start = bounds.__wrapped__(window, retention, now, zone)[0]
        return start is not None and start > time

    horizon = time + _longest(window) + (_length(retention) if retention else 0)
    entry = first_instant(reached, after=time - 1, until=horizon)
    ends = not isinstance(window, Always) or retention is not None
    return entry, first_instant(left, after=time - 1, until=horizon) if ends else None


def _longest(window: Window) -> int:
    """Return microseconds after which a window has surely reached and left an event."""
    match window:
        case Always():
            return DAY
        case Within(span) | Between(span, _):
            return _length(span)
        case Since():
            return 400 * DAY


def _length(span: Span) -> int:
    return span.fixed + (31 * span.months + 3) * DAY
