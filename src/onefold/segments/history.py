"""One customer's memberships over time, exact to the microsecond.

Every rule of a segment is a set of instants: the predicate's conditions joined, each longer by ``hold``, what earlier
segments of its dimension hold taken away, and what consent allows in common with it. A membership at an instant is a
question to these sets, and so are the next flip and the last.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from onefold.core.instant import DAY, EARLIEST, LATEST
from onefold.features.engine import FOREVER, Engine
from onefold.language.normal import push_not
from onefold.profiles.words import Rows, times_of
from onefold.segments.course import Course
from onefold.segments.definitions import SegmentSet
from onefold.segments.dependencies import asked_for, before_in_dimension
from onefold.segments.frames import Shape
from onefold.segments.intervals import Span, Spans, at, common
from onefold.segments.journal import SegmentChange
from onefold.segments.leaves import Leaves
from onefold.segments.linear import Movement, Moves
from onefold.segments.moments import Moments, Twins
from onefold.segments.narrow import narrow, only
from onefold.segments.walk import walk

MOST_STEPS = 5_000
_REACHES = ((16, 40), (256, 1_500), (MOST_STEPS, 20_000))
"""How far ahead a flip is looked for, again and again further: changes of windows, and midnights."""
_FIRST_STRIDE, _GROWTH = 30 * DAY, 6


@dataclass(frozen=True, slots=True)
class Memberships:
    """Where a customer is in each segment, and where only consent may keep them out: ``inside`` is part of ``held``."""

    inside: Mapping[str, Spans]
    held: Mapping[str, Spans]


@dataclass(frozen=True, slots=True)
class Flip:
    """The next instant at which a membership flips by time alone, with all flips of that instant.

    ``at`` is None if there is none up to ``checked_until``, the last instant looked at.
    """

    at: int | None
    changes: tuple[SegmentChange, ...]
    checked_until: int


class History:
    """Memberships of one customer after another, by the segments of a workspace. Threads may share it.

    ``rows`` are always one person's sorted records; ``known`` leaves out what arrived later; ``segments`` limits an
    answer to some of them.
    """

    def __init__(self, segments: SegmentSet, engine: Engine) -> None:
        self._segments, self._engine, self._movement = segments, engine, Movement(engine.plan.features)
        self._shape, self._twins, self._leaves = Shape(engine), Twins(engine), Leaves(self._movement)
        self._pushed = {name: push_not(segment.when) for name, segment in segments.segments.items()}
        self._narrow: dict[frozenset[str], History] = {}

    def spans(
        self, rows: Rows, begin: int, end: int, *, known: int = FOREVER, segments: Collection[str] | None = None
    ) -> Memberships:
        """Return the memberships at the instants ``begin .. end``, both included."""
        if (narrowed := self._narrowed(segments)) is not self:
            return narrowed.spans(rows, begin, end, known=known, segments=segments)
        course = self._course(Moments(self._twins, rows, known), begin, end + 1)
        window = [Span(begin, end + 1)]
        names = self._shown(segments)
        return Memberships(
            {name: common(course.inside[name], window) for name in names},
            {name: common(course.held[name], window) for name in names},
        )

    def changes(
        self,
        rows: Rows,
        begin: int,
        end: int,
        *,
        known: int = FOREVER,
        segments: Collection[str] | None = None,
        customer: bytes = b"",
    ) -> list[SegmentChange]:
        """Return the flips in ``begin < t <= end``, sorted by instant and segment."""
        if (narrowed := self._narrowed(segments)) is not self:
            return narrowed.changes(rows, begin, end, known=known, segments=segments, customer=customer)
        course = self._course(Moments(self._twins, rows, known), begin, end + 1)
        return course.flips(begin, end, segments=self._shown(segments), customer=customer)

    def next_flip(
        self,
        rows: Rows,
        now: int,
        *,
        known: int = FOREVER,
        segments: Collection[str] | None = None,
        customer: bytes = b"",
    ) -> Flip:
        """Return the next flip after ``now`` that needs no event; events later than ``now`` are left out."""
        if (narrowed := self._narrowed(segments)) is not self:
            return narrowed.next_flip(rows, now, known=known, segments=segments, customer=customer)
        moments = Moments(self._twins, rows[times_of(rows) <= now], known)
        names, until = self._shown(segments), now
        for steps, days in _REACHES if now < LATEST else ():
            stop = min(now + days * DAY, LATEST) if self._by_day else LATEST
            course = self._course(moments, now, stop, steps)
            until = course.stop - 1
            found = course.flips(now, until, segments=names, customer=customer)
            if found:
                return Flip(found[0].at, tuple(one for one in found if one.at == found[0].at), until)
            if course.stop >= LATEST:
                break
        return Flip(None, (), until)

    def since(self, rows: Rows, now: int, segment: str, *, known: int = FOREVER) -> int | None:
        """Return when the state at ``now`` (member, or no member) began; None if it was never another."""
        if (narrowed := self._narrowed([segment])) is not self:
            return narrowed.since(rows, now, segment, known=known)
        moments = Moments(self._twins, rows, known)
        if not len(moments.times) or now < moments.times[0]:
            return None
        earliest, stride = max(int(moments.times[0]) - 1, EARLIEST), _FIRST_STRIDE
        while True:
            begin = max(now - stride, earliest)
            course = self._course(moments, begin, now + 1)
            found = course.flips(begin, now, segments=[segment], customer=b"")
            if found or begin == earliest:
                return found[-1].at if found else None
            stride *= _GROWTH

    def held_lately(self, rows: Rows, now: int, segment: str, *, known: int = FOREVER) -> bool:
        """Whether a predicate was true at any instant of ``now - hold .. now``, whatever its dimension says."""
        course = self._course(Moments(self._twins, rows, known), now, now + 1)
        return at(course.lately[segment], now)

    @cached_property
    def _by_day(self) -> bool:
        """Whether dates or ages cut time further."""
        moves = [Moves(self._movement, node) for node in self._pushed.values()]
        return any(one.by_day or one.by_age for one in moves)

    def _narrowed(self, segments: Collection[str] | None) -> History:
        """Return a history that knows some segments alone, and so meets fewer cuts; itself where it knows no more."""
        key = frozenset(self._segments.segments if segments is None else segments)
        if key not in self._narrow:
            kept = only(self._segments, key)
            same = len(kept.order) == len(self._segments.order)
            self._narrow[key] = self if same else History(kept, narrow(self._engine, kept.expressions, kept.gates))
        return self._narrow[key]

    def _shown(self, segments: Collection[str] | None) -> list[str]:
        return sorted(self._segments.segments if segments is None else segments)

    def _course(self, moments: Moments, begin: int, stop: int, steps: int | None = None) -> Course:
        """Return the memberships in ``begin <= t < stop``; what they are built on may reach back further.

        ``steps`` limits the cells, so that the course may end earlier.
        """
        back = max(self._look_back.values(), default=0)
        walked = walk(moments, begin - back, stop, after=begin, limit=steps)
        course = Course(walked, self._shape, self._leaves)
        for name in self._segments.order:
            course.settle(self._segments.segments[name], self._pushed[name])
        return course

    @cached_property
    def _look_back(self) -> dict[str, int]:
        """How far before an instant a membership at it may reach, in microseconds."""
        found: dict[str, int] = {}
        for name in self._segments.order:
            segment = self._segments.segments[name]
            inner = max((found[one] for one in asked_for(segment)), default=0)
            earlier = before_in_dimension(segment, self._segments.segments)
            found[name] = max([segment.hold + inner, *(found[one] for one in earlier)])
        return found
