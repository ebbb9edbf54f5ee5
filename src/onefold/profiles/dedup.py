"""Whether a message was there already: an event's identity is its person and its message id."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from onefold.profiles.identity import FOREVER, View
from onefold.profiles.store import TimelineStore
from onefold.profiles.timeline import owned_rows
from onefold.profiles.words import HASH, Rows, Words, digests_of, hashes_of, ordered

_SPREAD = 64  # a mark is looked at for every record, what it lets through by chance is looked at again


class Verdict(StrEnum):
    """What a message is to the timelines."""

    NEW = "new"
    REPEAT = "repeat"
    CONFLICT = "conflict"


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A message that asks to be accepted: its name's pseudonym, the hash of its id, a digest of its body."""

    node: bytes
    message_hash: int
    digest: int


_Known: TypeAlias = dict[tuple[bytes, int], tuple[int, ...]]
"""Of messages, by name and hash, the digests of the bodies that they came with."""


def judge(store: TimelineStore, candidate: Candidate) -> Verdict:
    """Say of one message what :func:`judge_all` says of many."""
    return judge_all(store, [candidate])[0]


def judge_all(store: TimelineStore, candidates: Sequence[Candidate]) -> list[Verdict]:
    """Say of each message whether it is new, repeats one of the same person, or contradicts one of theirs.

    All names of the person, as known today, count; retracted messages too, for a repeat has no effect for
    ever. A message counts for those of its name that stand behind it. Of the digests the low 32 bits are compared.
    """
    known = _known(store, candidates) if candidates else {}
    verdicts = []
    for one in candidates:
        key, digest = (one.node, one.message_hash), one.digest & 0xFFFFFFFF
        digests = known.get(key)
        if digests is None:
            known[key] = (digest,)
            verdicts.append(Verdict.NEW)
        else:
            verdicts.append(Verdict.REPEAT if digest in digests else Verdict.CONFLICT)
    return verdicts


def _known(store: TimelineStore, candidates: Sequence[Candidate]) -> _Known:
    """Return those messages that the timelines hold already, of all names of a person."""
    infos = [(node, store.node(node)) for node in sorted({one.node for one in candidates})]
    simple = [node for node, info in infos if info is not None and info.simple]
    joined = [node for node, info in infos if info is not None and not info.simple]
    wanted = np.array([one.message_hash for one in candidates], dtype=np.uint64)
    found: _Known = {}
    rows, offsets = store.many(simple)
    _note(found, simple, offsets[1:].tolist(), rows, wanted)
    for node in joined:
        rows = rows_of_person(store, node)
        _note(found, [node], [len(rows)], rows, wanted)
    return found


def _note(found: _Known, nodes: Sequence[bytes], ends: Sequence[int], rows: Rows, wanted: Words) -> None:
    """Note which of the wanted messages are among the records of names, given where those of each end."""
    hits = _hits(rows, wanted)
    owners = np.searchsorted(ends, hits, side="right")
    hashes, digests = hashes_of(rows[hits]), digests_of(rows[hits])
    for owner, hashed, digest in zip(owners.tolist(), hashes.tolist(), digests.tolist(), strict=True):
        key = nodes[owner], hashed
        found[key] = (*found.get(key, ()), digest)


def _hits(rows: Rows, wanted: Words) -> NDArray[np.intp]:
    """Return which records are of wanted messages: timelines are long and hits are rare, so marks sift first."""
    stored, mask = ordered(wanted), np.uint64((1 << (_SPREAD * len(wanted)).bit_length()) - 1)
    marks = np.zeros(int(mask) + 1, dtype=np.bool_)
    marks[stored & mask] = True
    likely = np.flatnonzero(marks[rows[:, HASH] & mask])
    return likely[np.isin(rows[likely, HASH], stored)]


def rows_of_person(store: TimelineStore, node: bytes) -> Rows:
    """Return the records of every name of a person, repeats and retracted ones too, in no order."""
    info = store.node(node)
    if info is None or info.simple:
        return store.rows(node)
    view = View(store, FOREVER)
    return np.concatenate([view.rows(node), owned_rows(view, view.root_at(node, FOREVER))])
