"""Bringing the journal of segments up to what the timelines say: after a load, after a publication, as time passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from onefold.features.engine import FOREVER
from onefold.governance.records import Kind
from onefold.profiles.identity import root
from onefold.profiles.timeline import read_person
from onefold.profiles.words import Rows, times_of
from onefold.segments.journal import Cause, Change, SegmentChange, difference
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.journal import Journal, Mark, Standing
from onefold.workspace.live import Live
from onefold.workspace.reader import Reader
from onefold.workspace.stores import Stores


@dataclass(frozen=True, slots=True)
class Before:
    """How things stood before what is reconciled: the reader of then, and what was known."""

    reader: Reader
    known: int = FOREVER


def reconcile(
    stores: Stores, reader: Reader, *, now: int, cause: Cause, before: Before | None = None, progress: Progress = silent
) -> int:
    """Write into the journal what differs from it at an instant; return how many entries.

    Whoever would have entered or left by then without it (``before``) did so at that instant, by time; the rest has
    the one cause.
    """
    log = stores.changes()
    try:
        journal = Journal(log)
        standing = journal.standing()
        if not reader.definitions.segments.segments and not standing.members:
            return 0
        found = list(_differences(reader, standing, now=now, cause=cause, progress=progress))
        if before is not None and standing.mark is not None:
            found = _by_time(found, standing, standing.mark, before, now)
        changes = sorted(found)
        journal.append(changes, mark=_mark(stores, reader, now), computed_at=now)
        return len(changes)
    finally:
        log.close()


def _by_time(
    found: list[SegmentChange], standing: Standing, mark: Mark, before: Before, now: int
) -> list[SegmentChange]:
    """Tell what time did since the mark from what is reconciled, for those of whom anything differs."""
    history, timelines = before.reader.results().history, before.reader.timelines
    told: list[SegmentChange] = []
    by_customer: dict[bytes, list[SegmentChange]] = {}
    for one in found:
        by_customer.setdefault(one.customer, []).append(one)
    for customer, differing in by_customer.items():
        members = set(standing.members.get(customer, ()))
        after = members ^ {one.segment for one in differing}
        rows = read_person(timelines, customer, known=before.known)
        for flip in history.changes(rows, mark.through, now, known=before.known, customer=customer):
            if (flip.change is Change.ENTERED) is not (flip.segment in members):
                members ^= {flip.segment}
                told.append(flip)
        told += difference(frozenset(members), frozenset(after), customer=customer, cause=differing[0].cause, at=now)
    return told


def _mark(stores: Stores, reader: Reader, through: int) -> Mark:
    return Mark(through, stores.log.last(), reader.definitions.digest)


def _differences(
    reader: Reader, standing: Standing, *, now: int, cause: Cause, progress: Progress
) -> Iterator[SegmentChange]:
    """Yield who entered and who left since the journal's end, whoever they are by now."""
    before: dict[str, set[bytes]] = {}
    for customer, segments in standing.members.items():
        for segment in segments:
            before.setdefault(segment, set()).add(customer)
    done = 0
    for roots, members in reader.members(now=now):
        for segment, inside in members.inside.items():
            known = before.setdefault(segment, set())
            for at in np.flatnonzero(inside).tolist():
                if roots[at] in known:
                    known.discard(roots[at])
                else:
                    yield SegmentChange(now, segment, Change.ENTERED, cause, roots[at])
        done += len(roots)
        progress("Reading segments", done, None)
    for segment, gone in before.items():  # whoever was not met again
        for customer in gone:
            yield SegmentChange(now, segment, Change.LEFT, cause, customer)


def advance(live: Live, *, progress: Progress = silent) -> int:
    """Bring the journal up to the present: what time changed and what came in since; return how many entries."""
    stores, reader, now = live.stores, live.reader, live.stamps()
    log = stores.changes()
    try:
        journal = Journal(log)
        standing = journal.standing()
        mark = standing.mark
        if mark is not None and (mark.through, mark.record) == (now, stores.log.last()):
            return 0
        if mark is not None and mark.definitions == reader.definitions.digest and mark.through <= now:
            changes = list(_since(reader, standing, mark, now, progress))
            journal.append(changes, mark=_mark(stores, reader, now), computed_at=now)
            return len(changes)
    finally:
        log.close()
    return reconcile(
        stores, reader, now=now, cause=Cause.BACKFILL if mark is None else Cause.DEFINITION, progress=progress
    )


def _since(reader: Reader, standing: Standing, mark: Mark, now: int, progress: Progress) -> Iterator[SegmentChange]:
    """Yield the changes after a mark in the order of their instants, each with its own cause."""
    touched, history = _touched(reader, mark.record), reader.results().history
    found: list[SegmentChange] = []
    met: set[bytes] = set()
    for customer, rows in _people(reader, FOREVER, progress):
        met.add(customer)
        if customer in touched:  # what came in late may change what held at the mark already
            spans = history.spans(rows, mark.through, mark.through).inside
            held = frozenset(name for name, inside in spans.items() if inside)
            before = frozenset(standing.members.get(customer, ()))
            found += difference(before, held, customer=customer, cause=Cause.EVENT, at=mark.through)
        found += history.changes(rows, mark.through, now, customer=customer)
    for customer in standing.members.keys() - met:  # they are someone else by now
        before = frozenset(standing.members[customer])
        found += difference(before, frozenset(), customer=customer, cause=Cause.MERGE, at=now)
    yield from sorted(found)


def _touched(reader: Reader, record: int) -> set[bytes]:
    """Return the customers of whom the log says something after a record."""
    codec, timelines = reader.stores.codec, reader.timelines
    nodes = set()
    for _, payload in reader.stores.log.records(record):
        kind, node, _ = codec.peek(payload)
        if kind is Kind.EVENT:
            nodes.add(node)
    return {root(timelines, node, known=FOREVER) for node in nodes}


def _people(reader: Reader, known: int, progress: Progress) -> Iterator[tuple[bytes, Rows]]:
    done = 0
    for roots, rows, people in reader.people(known=known):
        for at, customer in enumerate(roots):
            yield customer, rows[people[at] : people[at + 1]]
            done += 1
            if done % 100 == 0:
                progress("Following changes", done, None)


def changes_of_all(
    reader: Reader, *, begin: int | None, end: int, known: int, progress: Progress = silent
) -> Iterator[SegmentChange]:
    """Yield every change of everybody after ``begin`` (None: ever) up to ``end``, computed from the timelines."""
    history = reader.results().history
    for customer, rows in _people(reader, known, progress):
        times = times_of(rows)
        start = begin if begin is not None else int(times[0]) - 1 if len(times) else end
        yield from history.changes(rows, start, end, known=known, customer=customer)
