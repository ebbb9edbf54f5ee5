"""Acceptance: candidates become log records and timeline rows, each message of a person once, or rejections.

The log is the only truth: a message is there iff its record was committed. De-duplication looks at the timelines,
which hold every record of the log (they are caught up before the first batch), and at the batch itself; so the
check and the event are one commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

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
from onefold.profiles.words import digests_of, hashes_of
from onefold.sources.candidate import Candidate
from onefold.workspace.catch_up import add_event
from onefold.workspace.names import NameSeals
from onefold.workspace.rejects import Rejects
from onefold.workspace.report import LoadReport
from onefold.workspace.stores import Stores

BATCH = 4_000
_ENCODER = msgspec.json.Encoder(decimal_format="number")
CONFLICT = "conflict"
_CONFLICT_WHY = "the same messageId of the same person came before with another body; give it an id of its own"


class Intake:
    """Accepts candidates in batches; each batch is one commit, durable when :meth:`take` returns."""

    def __init__(
        self, stores: Stores, timelines: TimelineStore, layout: Layout, *, clock: Clock, history: bool = False
    ) -> None:
        self._stores, self._timelines, self._layout = stores, timelines, layout
        self._clock, self._history = clock, history
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
        return self._clock()

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
        now = self._clock()
        digests = [self._stores.codec.body_digest(one.event) if one.event else 0 for one in batch]
        verdicts = self._judge([one.event for one in batch], digests)
        fresh = [
            (one.event, digest)
            for one, digest, verdict in zip(batch, digests, verdicts, strict=True)
            if verdict is Verdict.NEW and one.event is not None
        ]
        self._commit(fresh, now)
        rejections = [
            rejection
            for one, verdict in zip(batch, verdicts, strict=True)
            if (rejection := _rejection(one, verdict)) is not None
        ]
        if rejections:
            self.rejects.add(rejections, now=now)
        for one, verdict in zip(batch, verdicts, strict=True):
            self._count(one, verdict)
        return [verdict in (Verdict.NEW, Verdict.REPEAT) for verdict in verdicts]

    def _commit(self, events: list[tuple[Event, int]], now: int) -> None:
        if not events:
            return
        codec, gather = self._stores.codec, Gather(self._layout)
        payloads = []
        for event, digest in events:
            known_at = event.time if self._history else now
            payloads.append(codec.encode(event, known_at))
            add_event(gather, codec, event, Stamp(codec.node(event.node), known_at, digest))
            self._seals.add(gather, event)
        self._stores.vault.sync()
        self._timelines.apply(gather.batch(self._stores.log.append(payloads)))

    def _judge(self, events: Sequence[Event | None], digests: Sequence[int]) -> list[Verdict | None]:
        """Say of each event whether it is new; None where there is none."""
        keys = [self._key(event) if event is not None else None for event in events]
        before = self._before([key for key in keys if key is not None])
        verdicts: list[Verdict | None] = []
        for key, full in zip(keys, digests, strict=True):
            if key is None:
                verdicts.append(None)
                continue
            digest = full & 0xFFFFFFFF
            known = before.get(key)
            if known is None:
                before[key] = {digest}
                verdicts.append(Verdict.NEW)
            else:
                verdicts.append(Verdict.REPEAT if digest in known else Verdict.CONFLICT)
        return verdicts

    def _key(self, event: Event) -> tuple[bytes, int]:
        return self._stores.codec.node(event.node), message_hash(event.message_id)

    def _before(self, keys: list[tuple[bytes, int]]) -> dict[tuple[bytes, int], set[int]]:
        """Return the body digests of those messages that the timelines hold already, of all names of a person."""
        nodes = sorted({node for node, _ in keys})
        infos = {node: self._timelines.node(node) for node in nodes}
        simple = [node for node in nodes if (info := infos[node]) is not None and info.simple]
        rows, offsets = self._timelines.many(simple)
        joined = [node for node in nodes if (info := infos[node]) is not None and not info.simple]
        runs = [dedup.rows_of_person(self._timelines, node) for node in joined]
        names = [*simple, *joined]
        lengths = [*np.diff(offsets).tolist(), *map(len, runs)]
        every = np.concatenate([rows, *runs])
        hashes = hashes_of(every)
        hits = np.flatnonzero(np.isin(hashes, np.array([hashed for _, hashed in keys], np.uint64)))
        owners = np.searchsorted(np.cumsum(lengths), hits, side="right")
        digests, found = digests_of(every), dict[tuple[bytes, int], set[int]]()
        for owner, hit in zip(owners.tolist(), hits.tolist(), strict=True):
            key = (names[owner], int(hashes[hit]))
            found.setdefault(key, set()).add(int(digests[hit]))
        return found

    def _count(self, one: Candidate, verdict: Verdict | None) -> None:
        counted = self.report.source(one.source)
        counted.read += 1
        if verdict in (Verdict.NEW, Verdict.REPEAT):
            counted.accepted += 1
            counted.new += verdict is Verdict.NEW
            for name in one.undeclared:
                self.report.undeclared[name] = self.report.undeclared.get(name, 0) + 1
        else:
            counted.rejected += 1


def _rejection(one: Candidate, verdict: Verdict | None) -> Rejection | None:
    if one.rejection is not None:
        return Rejection(source=one.source, code=one.rejection.code, detail=one.rejection.detail, raw=one.raw)
    if verdict is Verdict.CONFLICT and one.event is not None:
        raw = _ENCODER.encode(one.event)
        return Rejection(source=one.source, code=CONFLICT, detail=_CONFLICT_WHY, raw=raw)
    return None
