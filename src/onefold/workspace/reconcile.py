"""Bringing the journal of segments up to what the timelines say: after a load, after a publication, as time passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from msgspec import structs

from onefold.core.event import LINKED, UNLINKED
from onefold.features.engine import FOREVER
from onefold.governance.records import Kind
from onefold.profiles.identity import root
from onefold.profiles.linked import linked_with
from onefold.profiles.timeline import is_customer, read_person
from onefold.profiles.words import Rows, times_of
from onefold.segments.history import History
from onefold.segments.journal import Cause, Change, SegmentChange, State, difference
from onefold.workspace.alarms import load, save
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.following import Following
from onefold.workspace.journal import Journal, Mark, Standing
from onefold.workspace.live import Live
from onefold.workspace.reader import Reader
from onefold.workspace.stores import ALARMS, Stores

_LINKS = {LINKED: Cause.MERGE, UNLINKED: Cause.SPLIT}


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
            return _follow(stores, reader, journal, standing, mark, now, progress)
    finally:
        log.close()
    return reconcile(
        stores, reader, now=now, cause=Cause.BACKFILL if mark is None else Cause.DEFINITION, progress=progress
    )


def _follow(
    stores: Stores, reader: Reader, journal: Journal, standing: Standing, mark: Mark, now: int, progress: Progress
) -> int:
    """Append what happened since a mark, in the order of its instants and in batches; each is whole or not at all.

    Customers of whom something came in are walked from the mark to now; of all others only those whose alarm goes off
    are looked at.
    """
    following, file = Following(reader, progress), stores.folder / ALARMS
    touched = _touched(reader, mark.record, standing)
    alarms = load(file, mark) or following.alarms(now=mark.through)
    for customer in touched:
        alarms.pop(customer, None)
    state, count = State({customer: set(names) for customer, names in standing.members.items()}), 0
    told = sorted(_of_touched(reader, standing, touched, mark, now, progress))
    batches = _in_order(told, following.fire(alarms, state, until=now))
    for changes in batches:
        fresh = [one for one in changes if state.news(one)]
        if fresh:  # until all is told, a crash begins again at the instant before
            journal.append(
                fresh, mark=structs.replace(mark, through=max(mark.through, fresh[0].at - 1)), computed_at=now
            )
        count += len(fresh)
    following.renew(alarms, sorted(touched), now=now)
    end = _mark(stores, reader, now)
    journal.append([], mark=end, computed_at=now)
    save(file, alarms, end)
    return count


def _in_order(told: list[SegmentChange], batches: Iterator[list[SegmentChange]]) -> Iterator[list[SegmentChange]]:
    """Put changes that are known already between batches of others, so that instants never go back."""
    place = 0
    for batch in batches:
        first = place
        while batch and place < len(told) and told[place].at <= batch[0].at:
            place += 1
        yield sorted([*told[first:place], *batch]) if place > first else batch
    yield told[place:]


def _of_touched(
    reader: Reader, standing: Standing, touched: set[bytes], mark: Mark, now: int, progress: Progress
) -> Iterator[SegmentChange]:
    """Yield the changes after a mark of customers of whom something came in, each with its own cause.

    Whoever was linked or parted since is told as they are now: that they are one, or two, was not known before.
    """
    history, through, relinked = reader.results().history, mark.through, _relinked(reader, mark.record)
    for done, customer in enumerate(sorted(touched), 1):
        before = frozenset(standing.members.get(customer, ()))
        rows = read_person(reader.timelines, customer, known=FOREVER)
        if root(reader.timelines, customer, known=FOREVER) != customer:  # they are someone else by now
            cause = relinked.get(customer, Cause.MERGE)
            yield from difference(before, frozenset(), customer=customer, cause=cause, at=now)
            continue
        if customer in relinked:
            after = _inside(history, rows, now)
            yield from difference(before, after, customer=customer, cause=relinked[customer], at=now)
            continue
        # what came in late may change what held at the mark already
        held = _inside(history, rows, through)
        yield from difference(before, held, customer=customer, cause=Cause.EVENT, at=through)
        yield from history.changes(rows, through, now, customer=customer)
        progress("Following changes", done, len(touched))


def _inside(history: History, rows: Rows, instant: int) -> frozenset[str]:
    """Return the segments that a customer is in at an instant."""
    spans = history.spans(rows, instant, instant).inside
    return frozenset(name for name, inside in spans.items() if inside)


def _relinked(reader: Reader, record: int) -> dict[bytes, Cause]:
    """Return the names that stated links since a record of the log may have joined or parted, each with its cause.

    A visitor who becomes known with an ordinary event is told with that event's cause.
    """
    found: dict[bytes, Cause] = {}
    codec = reader.stores.codec
    for _, payload in reader.stores.log.records(record):
        if codec.peek(payload)[0] is not Kind.EVENT:
            continue
        event, node = codec.decode(payload).event, codec.peek(payload)[1]
        if event is not None and event.name in _LINKS:
            found |= dict.fromkeys(linked_with(reader.timelines, [node], most=FOREVER) or (), _LINKS[event.name])
    return found


def _touched(reader: Reader, record: int, standing: Standing) -> set[bytes]:
    """Return the customers of whom the log says something after a record, as they were and as they are by now."""
    codec, timelines = reader.stores.codec, reader.timelines
    nodes = set()
    for _, payload in reader.stores.log.records(record):
        kind, node, _ = codec.peek(payload)
        if kind is Kind.EVENT:
            nodes.add(node)
    nodes = linked_with(timelines, nodes, most=FOREVER) or set()
    return {one for one in nodes if is_customer(timelines, one)} | (nodes & standing.members.keys())


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
