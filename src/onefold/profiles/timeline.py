"""One person's timeline: the records of all their names, each message once, without what was taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from onefold.profiles.identity import FOREVER, View, targets_of
from onefold.profiles.store import HAS_LINKS, KNOWN, NodeInfo, TimelineStore
from onefold.profiles.words import (
    KIND,
    ORDER,
    RETRACTED,
    TIME,
    Rows,
    Words,
    codes_of,
    digests_of,
    hashes_of,
    known_of,
    ordered,
    times_of,
)

PEOPLE_A_CHUNK = 1_000
_CODE_AND_PART = np.uint64(0xFFFFFFFF)


def read_person(store: TimelineStore, root: bytes, *, known: int) -> Rows:
    """Return the records (n, width) of a person, sorted by their bytes: time, order, hash.

    ``root`` is what :func:`onefold.profiles.identity.root` gives. Links and hidden records are among
    them, for they prove that the customer existed. Links, unlinks and retractions that came after
    ``known`` have no effect; other records that came after it may be among the result.
    """
    info = store.node(root)
    if info is None or info.simple:
        return store.rows(root)
    return _merged(View(store, known), root)


def _merged(view: View, root: bytes) -> Rows:
    return _without_retracted(_each_message_once(in_order(owned_rows(view, root))))


def owned_rows(view: View, root: bytes) -> Rows:
    """Return the records that links give to a person: repeats and retracted ones too, in no order."""
    nodes = _reachable(view, root)
    changes = sorted({change for node in nodes for change in view.ownership(node).changes})
    return np.concatenate([_owned(view, node, root, changes) for node in sorted(nodes)])


def _reachable(view: View, root: bytes) -> set[bytes]:
    """Return every name that any link, at whatever time, leads from to the root; the root too."""
    found, waiting = {root}, [root]
    while waiting:
        fresh = set(view.info(waiting.pop()).members) - found
        found |= fresh
        waiting += fresh
    return found


def _owned(view: View, node: bytes, root: bytes, changes: Sequence[int]) -> Rows:
    """Return the records of one name that are the root's; owners are constant between two ``changes``."""
    rows = view.rows(node)
    if not changes:
        return rows if view.person(node, FOREVER) == root else rows[:0]
    spans = np.searchsorted(np.array(changes), times_of(rows), side="left")
    instants = [*changes, FOREVER]
    owned = [span for span in np.unique(spans).tolist() if view.person(node, instants[span]) == root]
    return rows[np.isin(spans, owned)]


def in_order(rows: Rows) -> Rows:
    """Return records sorted by their first words' bytes, as the store does; quick where runs are sorted."""
    keys = np.ascontiguousarray(rows[:, : KIND + 1]).view(f"S{8 * (KIND + 1)}").ravel()
    return rows[np.argsort(keys, kind="stable")]


def _each_message_once(rows: Rows) -> Rows:
    """Drop all but one of the events that two names of one person have under the same message id.

    The one that stays is the lowest by (time, order, digest); of equal ones, the first to arrive.
    """
    hashes = hashes_of(rows)
    if _distinct(rows, hashes):
        return rows
    _, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    several = np.flatnonzero(counts[inverse] > 1)
    sub, hashes = rows[several], hashes[several]
    event = np.stack([hashes, ordered(sub[:, TIME]), ordered(sub[:, ORDER]), digests_of(sub)])
    which = sub[:, KIND] & _CODE_AND_PART
    order = np.lexsort((known_of(sub), which, *event[::-1]))
    event, which = event[:, order], which[order]
    starts = np.concatenate([[True], event[0, 1:] != event[0, :-1]])
    first = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    wins = (event == event[:, first]).all(axis=0)
    repeats = ~starts & (which == np.roll(which, 1)) & (event == np.roll(event, 1, axis=1)).all(axis=0)
    stays = np.ones(len(rows), dtype=bool)
    stays[several[order]] = wins & ~repeats
    return rows if stays.all() else rows[stays]


def _distinct(rows: Rows, hashes: Words) -> bool:
    """Whether every message of sorted records is one event and came once: then its records are neighbours."""
    kinds = rows[:, KIND]
    head = (rows[1:, :KIND] == rows[:-1, :KIND]).all(axis=1) & (kinds[1:] >> 32 == kinds[:-1] >> 32)
    in_order = np.sort(hashes)
    repeated = in_order[1:] == in_order[:-1]
    return np.count_nonzero(repeated) == np.count_nonzero(head) and not (head & (kinds[1:] == kinds[:-1])).any()


def _without_retracted(rows: Rows) -> Rows:
    """Drop every record of the messages that these records take back; a retraction itself is final."""
    targets = targets_of(rows)
    if not len(targets):
        return rows
    stays = ~np.isin(hashes_of(rows), targets) | (codes_of(rows) == RETRACTED)
    return rows[stays, :]


def read_people(
    store: TimelineStore, *, known: int, visitors: bool = False
) -> Iterator[tuple[list[bytes], Rows, NDArray[np.int64]]]:
    """Yield everybody in chunks of at most 1,000: roots, their records one after another, n + 1 offsets.

    Every customer comes exactly once, sorted by root; ``visitors``, whom no link makes a customer, only when
    asked for. Each person's records are those of :func:`read_person`.
    """
    roots = ((node, info) for node, info in store.nodes() if _is_root(store, node, info, known, visitors=visitors))
    while chunk := list(islice(roots, PEOPLE_A_CHUNK)):
        yield _read_chunk(store, chunk, known)


def read_these(
    store: TimelineStore, roots: Sequence[bytes], *, known: int
) -> tuple[list[bytes], Rows, NDArray[np.int64]]:
    """Return some customers as :func:`read_people` yields them; those who are no one by now are left out."""
    infos = ((node, store.node(node)) for node in roots)
    return _read_chunk(store, [(node, info) for node, info in infos if info is not None], known)


def is_customer(store: TimelineStore, node: bytes) -> bool:
    """Whether a name is that under which a known customer stands by all that is known."""
    info = store.node(node)
    return info is not None and _is_root(store, node, info, FOREVER, visitors=False)


def _is_root(store: TimelineStore, node: bytes, info: NodeInfo, known: int, *, visitors: bool) -> bool:
    if not (visitors or info.flags & KNOWN):
        return False
    return not info.flags & HAS_LINKS or View(store, known).root_at(node, FOREVER) == node


def _read_chunk(
    store: TimelineStore, chunk: list[tuple[bytes, NodeInfo]], known: int
) -> tuple[list[bytes], Rows, NDArray[np.int64]]:
    roots = [node for node, _ in chunk]
    rows, offsets = store.many([node for node, info in chunk if info.simple])
    if len(offsets) == len(roots) + 1:
        return roots, rows, offsets
    bounds = iter(zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True))
    view = View(store, known)  # shared: a device of many people is read once
    parts = [rows[slice(*next(bounds))] if info.simple else _merged(view, node) for node, info in chunk]
    return roots, np.concatenate(parts), np.cumsum([0, *map(len, parts)], dtype=np.int64)
