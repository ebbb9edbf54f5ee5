"""Acceptance: candidates become log records and timeline rows, each message of a person once, or rejections.

The log is the only truth: a message is there iff its record was committed. De-duplication looks at the timelines,
which hold every record of the log (they are caught up before the first batch), and at the batch itself; so the
check and the event are one commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from onefold.core.event import Event
from onefold.core.ids import message_hash
from onefold.core.ports import Clock
from onefold.governance.records import Rejection
from onefold.profiles import dedup
from onefold.profiles.dedup import Verdict
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.profiles.layout import Layout
from onefold.profiles.store import TimelineStore
from onefold.sources.candidate import Candidate
from onefold.workspace.catch_up import add_event
from onefold.workspace.names import NameSeals
from onefold.workspace.rejects import Rejects
from onefold.workspace.report import LoadReport
from onefold.workspace.stores import Stores

BATCH = 4_000
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_THERE = (Verdict.NEW, Verdict.REPEAT)
CONFLICT = "conflict"
_CONFLICT_WHY = "the same messageId of the same person came before with another body; give it an id of its own"


class Intake:
    """Accepts candidates in batches; each batch is one commit, durable when :meth:`take` returns."""

    def __init__(
        self, stores: Stores, timelines: TimelineStore, layout: Layout, *, clock: Clock, history: bool = False
    ) -> None:
        self._stores, self._timelines, self._layout = stores, timelines, layout
        self.clock, self._history = clock, history
        self._seals = NameSeals(stores.codec, stores.vault)
        self._rejects: Rejects | None = None
        self.report = LoadReport()

    @property
    def rejects(self) -> Rejects:
        """The open rejections, read at first need."""
        if self._rejects is None:
            self._rejects = Rejects(self._stores)
        return self._rejects

    def now(self) -> int:
        """Return the present instant, as arrivals are stamped."""
        return self.clock()

    def take_all(self, candidates: Iterable[Candidate]) -> None:
        """Accept a stream in batches of bounded size."""
        batch: list[Candidate] = []
        try:
            for one in candidates:
                batch.append(one)
                if len(batch) == BATCH:
                    full, batch = batch, []
                    self.take(full)
        finally:  # where a file is broken from some line on, what came before it is kept
            if batch:
                self.take(batch)

    def take(self, batch: Sequence[Candidate]) -> list[bool]:
        """Accept one batch and return, for each candidate, whether it is in the log now."""
        now = self.clock()
        asked = [self._asked(one.event) for one in batch]
        verdicts = self._judge(asked)
        fresh = [
            (one.event, said)
            for one, said, verdict in zip(batch, asked, verdicts, strict=True)
            if verdict is Verdict.NEW and said is not None and one.event is not None
        ]
        self.commit(
            [(event, Stamp(said.node, event.time if self._history else now, said.digest)) for event, said in fresh]
        )
        rejections = [
            rejection
            for one, verdict in zip(batch, verdicts, strict=True)
            if (rejection := _rejection(one, verdict)) is not None
        ]
        if rejections:
            self.rejects.add(rejections, now=now)
        self._count(batch, verdicts)
        return [verdict in _THERE for verdict in verdicts]

    def commit(self, events: Sequence[tuple[Event, Stamp]], *, first: Sequence[bytes] = ()) -> int:
        """Commit new events as one group, behind other payloads; return the number of its last record."""
        if not events and not first:
            return self._stores.log.last()
        codec, gather = self._stores.codec, Gather(self._layout)
        payloads = [*first]
        for event, stamp in events:
            payloads.append(codec.encode(event, stamp.known_at))
            add_event(gather, codec, event, stamp)
            self._seals.add(gather, event)
        self._stores.vault.sync()
        last = self._stores.log.append(payloads)
        self._timelines.apply(gather.batch(last))
        return last

    def _asked(self, event: Event | None) -> dedup.Candidate | None:
        if event is None:
            return None
        codec = self._stores.codec
        return dedup.Candidate(codec.node(event.node), message_hash(event.message_id), codec.body_digest(event))

    def _judge(self, asked: Sequence[dedup.Candidate | None]) -> list[Verdict | None]:
        """Say of each event whether it is new; None where there is none."""
        verdicts = iter(dedup.judge_all(self._timelines, [one for one in asked if one is not None]))
        return [None if one is None else next(verdicts) for one in asked]

    def _count(self, batch: Sequence[Candidate], verdicts: Sequence[Verdict | None]) -> None:
        report = self.report
        became = Counter((one.source, verdict) for one, verdict in zip(batch, verdicts, strict=True))
        for (source, verdict), number in became.items():
            counted = report.source(source)
            counted.read += number
            counted.new += number if verdict is Verdict.NEW else 0
            if verdict in _THERE:
                counted.accepted += number
            else:
                counted.rejected += number
        for one, verdict in zip(batch, verdicts, strict=True):
            if one.undeclared and verdict in _THERE:
                for name in one.undeclared:
                    report.undeclared[name] = report.undeclared.get(name, 0) + 1


def _rejection(one: Candidate, verdict: Verdict | None) -> Rejection | None:
    if one.rejection is not None:
        return Rejection(source=one.source, code=one.rejection.code, detail=one.rejection.detail, raw=one.raw)
    if verdict is Verdict.CONFLICT and one.event is not None:
        raw = _ENCODER.encode(one.event)
        return Rejection(source=one.source, code=CONFLICT, detail=_CONFLICT_WHY, raw=raw)
    return None
