"""``recurring``: the amount of a payment that comes every week, month, quarter or year; NULL once it is overdue.

It is that of the newest event that ends a chain: three or more events, each due one period after the one before, give
or take five days, and with an amount within ``tolerance`` of it. Other events may lie between them.
"""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np

from onefold.core.document import Section
from onefold.core.instant import DAY
from onefold.core.types import ValueType
from onefold.core.zone import Zone
from onefold.features.aggregates.base import Asked, Floats, Numbers, Reduction, as_property, register_reduction
from onefold.features.sources import Sources, Takes, choice
from onefold.features.wall import instants_of, months_later, walls_of

_MONTHS = {"week": 0, "month": 1, "quarter": 3, "year": 12}
_AMOUNTS = frozenset({ValueType.MONEY, ValueType.NUMBER})
_PERCENT = re.compile(r"(\d{1,3}(\.\d{1,4})?) *%", re.ASCII)
_MARGIN = 5 * 86_400_000_000
_NO_TIME = -(2**63)
_MOST = 2**63 - 1


def _read(section: Section, sources: Sources) -> Asked | None:
    stream = sources.stream(section, "recurring", Takes.PROPERTY, _AMOUNTS)
    section.required("every")
    every = choice(section, "every", tuple(_MONTHS), "month")
    tolerance = _tolerance(section)
    if stream is None or every is None or tolerance is None:
        return None
    numbers = (_MONTHS[every], tolerance.numerator, tolerance.denominator)
    options = (("every", every), ("tolerance", tolerance))
    return Asked((stream,), as_property(stream.prop), numbers, options=options)


def _tolerance(section: Section) -> Fraction | None:
    match = _PERCENT.fullmatch(section.text("tolerance", "20%") or "")
    share = Fraction(match[1]) / 100 if match else None
    if share is not None and share <= 1:
        return share
    section.problem("tolerance", "it takes a percentage up to 100%", "Write one such as 20%.")
    return None


def _due(times: Numbers, zone: Zone, numbers: tuple[int, ...]) -> Numbers:
    """Return for each time when the next event is due: the same wall clock one period later."""
    walls, months = walls_of(times, zone), numbers[0]
    return instants_of(months_later(walls, months) if months else walls + 7 * DAY, zone)


def _reduce(  # noqa: C901 - it may call nothing of ours
    people: Numbers, times: Numbers, words: Numbers, more: Numbers, bits: Numbers, now: int, numbers: Numbers,
    out: Numbers, out_float: Floats, changes: Numbers,
) -> None:  # fmt: skip
    """Ask of each event for an earlier one that it follows: due about then (see ``more``), with an amount near its own.

    Events enter a tree over the distinct amounts in the order in which the next is due; each node holds the latest
    such instant below it, of all events and of those that themselves follow another: who follows one of these ends a
    chain of three. So a person's n events take n log n steps. All is in whole numbers.
    """
    part, whole = numbers[1], numbers[2]
    more_parts, fewer_parts = whole + part, whole - part
    for person in range(people.size - 1):
        first, count = people[person], people[person + 1] - people[person]
        if count < 3:
            continue
        amounts, due = words[first : first + count], more[first : first + count]
        by_due = np.arange(count)
        for at in range(1, count):
            if due[at] < due[at - 1]:  # clocks went back
                by_due = np.argsort(due, kind="mergesort")
                break
        distinct = np.sort(amounts)
        leaves = 1
        for at in range(1, count):
            if distinct[at] != distinct[leaves - 1]:
                distinct[leaves] = distinct[at]
                leaves += 1
        tree = np.full((2 * leaves, 2), _NO_TIME)
        follows = np.zeros(count, np.int64)
        newest, entered = -1, 0
        for at in range(count):
            time, size = times[first + at], abs(amounts[at])
            while entered < count and due[by_due[entered]] <= time + _MARGIN:
                other = by_due[entered]
                entered += 1
                node = leaves + np.searchsorted(distinct[:leaves], amounts[other])
                while node > 0:
                    tree[node, 0] = due[other]
                    if follows[other]:
                        tree[node, 1] = due[other]
                    node >>= 1
            # what it may follow lies between: size / (1 + tolerance), rounded up, and size / (1 - tolerance), down
            least = size // more_parts * whole + (size % more_parts * whole + more_parts - 1) // more_parts
            most = _MOST
            if fewer_parts > 0 and size // fewer_parts < _MOST // whole - whole:
                most = size // fewer_parts * whole + size % fewer_parts * whole // fewer_parts
            if amounts[at] < 0:
                least, most = -most, -least
            elif size == 0 and fewer_parts == 0:
                least = -most
            left = leaves + np.searchsorted(distinct[:leaves], least)
            right = leaves + np.searchsorted(distinct[:leaves], most, side="right")
            latest = following = _NO_TIME
            while left < right:
                if left & 1:
                    latest, following = max(latest, tree[left, 0]), max(following, tree[left, 1])
                    left += 1
                if right & 1:
                    right -= 1
                    latest, following = max(latest, tree[right, 0]), max(following, tree[right, 1])
                left >>= 1
                right >>= 1
            if latest >= time - _MARGIN:
                follows[at] = 1
            if following >= time - _MARGIN:
                newest = at
        if newest >= 0 and now <= due[newest] + _MARGIN:
            out[person] = amounts[newest]
            changes[person] = min(changes[person], due[newest] + _MARGIN + 1)


RECURRING = register_reduction(Reduction("recurring", ("every", "tolerance"), _read, _reduce, _due))
