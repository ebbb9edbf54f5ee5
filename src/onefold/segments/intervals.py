"""Sets of instants as sorted spans: exact, in whole microseconds, each span ``start <= t < stop``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Instants = NDArray[np.int64]


class Span(NamedTuple):
    """The instants from ``start`` up to, but not with, ``stop``; microseconds since 1970."""

    start: int
    stop: int


Spans = list[Span]
"""Sorted, and neither overlapping nor touching: every span is as long as it can be."""


def united(many: Iterable[Sequence[Span]]) -> Spans:
    """Return the instants that lie in any of several sets.

    >>> united([[Span(0, 2)], [Span(2, 3), Span(5, 6)]])
    [Span(start=0, stop=3), Span(start=5, stop=6)]
    """
    found: Spans = []
    for span in sorted(span for spans in many for span in spans if span.start < span.stop):
        if found and span.start <= found[-1].stop:
            found[-1] = Span(found[-1].start, max(found[-1].stop, span.stop))
        else:
            found.append(span)
    return found


def common(first: Sequence[Span], second: Sequence[Span]) -> Spans:
    """Return the instants that lie in both sets.

    >>> common([Span(0, 5), Span(7, 9)], [Span(3, 8)])
    [Span(start=3, stop=5), Span(start=7, stop=8)]
    """
    found: Spans = []
    i = j = 0
    while i < len(first) and j < len(second):
        start, stop = max(first[i].start, second[j].start), min(first[i].stop, second[j].stop)
        if start < stop:
            found.append(Span(start, stop))
        if first[i].stop <= second[j].stop:
            i += 1
        else:
            j += 1
    return found


def without(spans: Sequence[Span], taken: Sequence[Span]) -> Spans:
    """Return the instants of the first set that are not in the second.

    >>> without([Span(0, 9)], [Span(2, 3), Span(8, 12)])
    [Span(start=0, stop=2), Span(start=3, stop=8)]
    """
    if not spans:
        return []
    edges = [spans[0].start, *(edge for span in taken for edge in span), spans[-1].stop]
    gaps = [Span(edges[at], edges[at + 1]) for at in range(0, len(edges), 2)]
    return common(spans, [gap for gap in gaps if gap.start < gap.stop])


def longer(spans: Sequence[Span], by: int) -> Spans:
    """Return the instants ``t`` for which the set holds any of ``t - by .. t``.

    >>> longer([Span(0, 1), Span(3, 4)], 2)
    [Span(start=0, stop=6)]
    """
    return united([[Span(span.start, span.stop + by) for span in spans]])


def at(spans: Sequence[Span], instant: int) -> bool:
    """Whether a set holds an instant."""
    place = bisect_right(spans, (instant, float("inf"))) - 1
    return place >= 0 and instant < spans[place].stop


def flips(spans: Sequence[Span]) -> Instants:
    """Return every instant at which a set begins or ends to hold, in order."""
    return np.array([edge for span in spans for edge in span], np.int64)


def at_each(spans: Sequence[Span], instants: Instants) -> NDArray[np.bool_]:
    """Return for each of several instants whether a set holds it.

    >>> at_each([Span(2, 4)], np.array([1, 2, 3, 4])).tolist()
    [False, True, True, False]
    """
    return np.asarray(np.searchsorted(flips(spans), instants, side="right") % 2 == 1)


def from_truth(instants: Instants, truth: NDArray[np.bool_], stop: int) -> Spans:
    """Return where something holds that is constant from each instant to the next, and from the last to ``stop``.

    >>> from_truth(np.array([0, 5, 7]), np.array([True, True, False]), 9)
    [Span(start=0, stop=7)]
    """
    if not truth.any():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], truth, [False]]).astype(np.int8)))
    bounds = np.append(instants, stop)[edges].tolist()
    return [Span(start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
