"""The memberships of one customer over one walk, a segment after those that it is built on."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from onefold.core.instant import EARLIEST
from onefold.core.types import Purpose
from onefold.features.columns import Columns
from onefold.features.consent import ALWAYS_GRANTED, statements
from onefold.features.genomes import Genomes
from onefold.language.ast import Node
from onefold.segments.definitions import Segment
from onefold.segments.dependencies import asked_for
from onefold.segments.frames import Shape
from onefold.segments.intervals import Span, Spans, at, common, from_truth, longer, united, without
from onefold.segments.journal import Cause, Change, SegmentChange
from onefold.segments.leaves import Leaves, Truths
from onefold.segments.presence import presence
from onefold.segments.walk import Walk


class Course:
    """Where the customer is ``inside`` each segment, and where only consent may keep them out of it (``held``)."""

    def __init__(self, walked: Walk, shape: Shape, leaves: Leaves) -> None:
        self.inside: dict[str, Spans] = {}
        self.held: dict[str, Spans] = {}
        self.lately: dict[str, Spans] = {}  # where the predicate was true within `hold`, whatever the dimension says
        self._walked, self._shape = walked, shape
        self._truths = Truths(walked, shape, leaves, self.inside)
        moments = walked.moments
        here = presence(moments.rows, shape.plan, shape.zone)
        self._present = common(here, [Span(walked.begin, walked.stop)])
        self._taken: dict[str, Spans] = {}
        self._asked: dict[str, tuple[str, ...]] = {}
        self._consents: dict[Purpose, Spans] = {}

    @property
    def stop(self) -> int:
        """The first instant that is no longer known."""
        return self._walked.stop

    def settle(self, segment: Segment, when: Node) -> None:
        """Work out a segment; ``when`` is its predicate with NOT at its leaves."""
        self._asked[segment.name] = asked_for(segment)
        true = common(self._truths.of(when), self._present)
        held = common(longer(true, segment.hold), self._present) if segment.hold else true
        self.lately[segment.name] = held
        if segment.dimension is not None:
            taken = self._taken.get(segment.dimension, [])
            self._taken[segment.dimension] = united([taken, held])
            held = without(held, taken)
        self.held[segment.name] = held
        self.inside[segment.name] = common(held, self._granted(segment.purpose)) if held else []

    def flips(self, begin: int, end: int, *, segments: Collection[str], customer: bytes) -> list[SegmentChange]:
        """Return the flips in ``begin < t <= end``, sorted by instant and segment."""
        found = []
        for name in segments:
            for span in self.inside[name]:
                for instant, change in ((span.start, Change.ENTERED), (span.stop, Change.LEFT)):
                    if begin < instant <= end:
                        found.append(SegmentChange(instant, name, change, self._cause(name, instant), customer))
        return sorted(found)

    def _cause(self, name: str, instant: int) -> Cause:
        if self._by_consent(name, instant):
            return Cause.CONSENT
        times = self._walked.moments.times
        place = int(np.searchsorted(times, instant))
        return Cause.EVENT if place < len(times) and times[place] == instant else Cause.TIME

    def _by_consent(self, name: str, instant: int) -> bool:
        """Whether only a gate changed, the segment's own or that of one it is built on."""
        if at(self.held[name], instant - 1) == at(self.held[name], instant):
            return True
        flipped = [
            one for one in self._asked[name] if at(self.inside[one], instant - 1) != at(self.inside[one], instant)
        ]
        return any(self._by_consent(one, instant) for one in flipped)

    def _granted(self, purpose: Purpose | None) -> Spans:
        """Return where a purpose is granted in general."""
        whole = [Span(self._walked.begin, self._walked.stop)]
        if purpose is None or purpose in ALWAYS_GRANTED:
            return whole
        if purpose not in self._consents:
            self._consents[purpose] = common(self._statements(purpose), whole)
        return self._consents[purpose]

    def _statements(self, purpose: Purpose) -> Spans:
        """Return where the newest statement grants: it is one and the same in a cell, but it may expire there."""
        walked, shape = self._walked, self._shape
        columns = Columns(shape.plan, {}, walked.words, shape.texts, 0)
        changes, present = walked.starts, np.ones(len(walked.starts), np.bool_)
        newest = statements(
            Genomes(shape.plan, shape.texts, 2 * EARLIEST, walked.words, columns, changes, present), (purpose, None)
        )
        stops = np.append(walked.starts[1:], walked.stop)
        cuts = np.unique(np.concatenate([walked.starts, np.minimum(newest.ends, stops)[newest.granted]]))
        cuts = cuts[cuts < walked.stop]
        cells = walked.cell_of(cuts)
        return from_truth(cuts, newest.granted[cells] & (cuts < newest.ends[cells]), walked.stop)
