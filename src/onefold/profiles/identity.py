"""Whose a name is: links between names as functions of event time, and the person at the end of a chain.

A link record stands on the linked name (the alias) and tells its owner. Where there are several, an event
belongs to the owner of the first link at or after it, else of the last before; links of one instant go by
their order, message hash and owner. An unlink cancels the links of its pair up to its own time; a later link
holds again. A link or unlink whose message is retracted, on the alias or on the owner that it names, does not
exist; a retraction itself is final.

Nothing of this depends on the order of arrival: it is all read off the records that had arrived by ``known``.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import compress

import numpy as np

from onefold.core.ids import NODE_BYTES
from onefold.profiles.store import HAS_LINKS, HAS_RETRACTIONS, KNOWN, NodeInfo, TimelineStore
from onefold.profiles.words import KNOWN as KNOWN_AT
from onefold.profiles.words import (
    LINKED,
    RETRACTED,
    SLOTS,
    UNLINKED,
    Rows,
    Words,
    codes_of,
    hashes_of,
    known_of,
    times_of,
)

FOREVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose an alias is at each instant: ``owners[i]`` up to and with ``until[i]``, the last one for ever.

    >>> of = Ownership((10, 20), (b"a", b"b"))
    >>> of.at(10), of.at(11), of.at(99), Ownership().at(0)
    (b'a', b'b', b'b', None)
    """

    until: tuple[int, ...] = ()
    owners: tuple[bytes, ...] = ()

    def at(self, time: int) -> bytes | None:
        """Return the owner of an event at an instant; None where the name is its own."""
        if not self.owners:
            return None
        return self.owners[min(bisect_left(self.until, time), len(self.owners) - 1)]

    @property
    def changes(self) -> tuple[int, ...]:
        """Return the last instants of every owner but the last."""
        return self.until[:-1]


class View:
    """A store as of what was known at one instant; each name is read at most once."""

    def __init__(self, store: TimelineStore, known: int) -> None:
        self.store, self.known = store, known
        self._infos: dict[bytes, NodeInfo] = {}
        self._rows: dict[bytes, Rows] = {}
        self._ownerships: dict[bytes, Ownership] = {}
        self._people: dict[tuple[bytes, int], bytes] = {}

    def info(self, node: bytes) -> NodeInfo:
        """Return what is known of a name; nothing for one that never occurred."""
        if node not in self._infos:
            self._infos[node] = self.store.node(node) or NodeInfo()
        return self._infos[node]

    def rows(self, node: bytes) -> Rows:
        """Return the records of a name that had arrived, in byte order."""
        if node not in self._rows:
            rows = self.store.rows(node)
            had_arrived = known_of(rows) <= self.known
            self._rows[node] = rows if had_arrived.all() else rows[had_arrived]
        return self._rows[node]

    def ownership(self, node: bytes) -> Ownership:
        """Return whose a name is, as a function of event time."""
        if node not in self._ownerships:
            linked = self.info(node).flags & HAS_LINKS
            self._ownerships[node] = self._read_ownership(node) if linked else Ownership()
        return self._ownerships[node]

    def root_at(self, node: bytes, time: int) -> bytes:
        """Follow the owners as of an instant to the name that has none.

        Owners in a circle are one person, named by the smallest pseudonym among those that name customers.
        """
        path = [node]
        while (owner := self.ownership(path[-1]).at(time)) is not None:
            if owner in path:
                circle = path[path.index(owner) :]
                return min(circle, key=lambda name: (not self.info(name).flags & KNOWN, name))
            path.append(owner)
        return path[-1]

    def person(self, node: bytes, time: int) -> bytes:
        """Return whose an event of a name at an instant is.

        The owners as of that instant lead to a name, and that one's owners as of the last link to its
        person: the two differ only where owners in a circle were parted later.
        """
        if (node, time) not in self._people:
            self._people[node, time] = self.root_at(self.root_at(node, time), FOREVER)
        return self._people[node, time]

    def _retracted(self, node: bytes) -> Words:
        """Return the hashes of the messages that retractions on a name take back."""
        if not self.info(node).flags & HAS_RETRACTIONS:
            return np.empty(0, dtype=np.uint64)
        return targets_of(self.rows(node))

    def _read_ownership(self, node: bytes) -> Ownership:
        rows = self.rows(node)
        codes = codes_of(rows)
        stated = (codes == LINKED) | (codes == UNLINKED)
        rows = _in_link_order(rows[stated])
        unlinks, times, owners = codes_of(rows) == UNLINKED, times_of(rows), _owners(rows)
        holds, unlinked = ~unlinks, set(compress(owners, unlinks.tolist()))
        for owner in set(owners):
            taken_back = np.concatenate([self._retracted(node), self._retracted(owner)])
            if not len(taken_back) and owner not in unlinked:
                continue
            same = np.array([other == owner for other in owners])
            exists = same & ~np.isin(hashes_of(rows), taken_back)
            parted = exists & unlinks
            if parted.any():
                exists &= times > times[parted].max()
            holds[same] &= exists[same]
        return _piecewise(times[holds].tolist(), list(compress(owners, holds.tolist())))


def _owners(rows: Rows) -> list[bytes]:
    packed = rows[:, SLOTS : SLOTS + 2].tobytes()
    return [packed[at : at + NODE_BYTES] for at in range(0, len(packed), NODE_BYTES)]


def _in_link_order(rows: Rows) -> Rows:
    """Sort links by time, order, hash and owner: the store goes on with the arrival, which must not count."""
    owners = _owners(rows)
    if len(set(owners)) < 2:
        return rows
    heads = [head.tobytes() for head in rows[:, :KNOWN_AT]]
    return rows[sorted(range(len(rows)), key=lambda at: (heads[at], owners[at])), :]


def _piecewise(times: list[int], of: list[bytes]) -> Ownership:
    """Return the ownership of links in byte order, neighbours of one owner joined."""
    until: list[int] = []
    owners: list[bytes] = []
    for time, owner in zip(times, of, strict=True):
        if owners and owners[-1] == owner:
            until[-1] = time
        else:
            until.append(time)
            owners.append(owner)
    return Ownership(tuple(until), tuple(owners))


def targets_of(rows: Rows) -> Words:
    """Return the hashes of the messages that the retractions among some records take back."""
    targets: Words = rows[codes_of(rows) == RETRACTED, SLOTS]
    return targets


def root(store: TimelineStore, node: bytes, *, known: int) -> bytes:
    """Return whose customer a name is, as of the last links known; itself where it has no owner."""
    return View(store, known).root_at(node, FOREVER)
