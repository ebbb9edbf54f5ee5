"""The port to where timelines are kept: records by name, who was linked to whom, texts of categories."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NODE_BYTES
from onefold.profiles.layout import Layout
from onefold.profiles.words import LINKED, RETRACTED, UNLINKED, Rows, codes_of

HAS_LINKS = 1
HAS_RETRACTIONS = 2
KNOWN = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """What a run of log records adds to the timelines; :class:`onefold.profiles.gather.Gather` builds it.

    ``seq`` is the log number of the last record of the run. Keys are pseudonyms of 16 bytes. ``rows``
    hold records (n, width) in any order; ``names`` the sealed identifiers; ``members`` (owner, member)
    pairs of names that a message ever linked; ``texts`` the categories by code; ``known`` the nodes that
    name customers, not visitors.
    """

    seq: int
    rows: Mapping[bytes, Rows] = field(default_factory=dict)
    names: Mapping[bytes, bytes] = field(default_factory=dict)
    members: Sequence[tuple[bytes, bytes]] = ()
    texts: Mapping[int, str] = field(default_factory=dict)
    known: Collection[bytes] = ()


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """What is known of one name.

    ``name`` is the sealed identifier (empty if it was never given). Of ``flags``, ``HAS_LINKS`` says that
    the name was ever linked to an owner or unlinked, ``HAS_RETRACTIONS`` that a retraction stands on it,
    ``KNOWN`` that it names a customer and no mere visitor. ``members`` are the names ever linked to it,
    sorted.
    """

    name: bytes = b""
    flags: int = 0
    members: tuple[bytes, ...] = ()

    @property
    def simple(self) -> bool:
        """Whether its records are the whole of a person: never linked, linked to, nor corrected."""
        return not self.flags & (HAS_LINKS | HAS_RETRACTIONS) and not self.members


class TimelineStore(Protocol):
    """Timelines by pseudonym. One writer, any number of readers; each call reads one consistent state."""

    def state(self) -> tuple[int, str]:
        """Return the log number that was applied (0: empty, rebuild) and the layout's fingerprint."""
        ...

    def apply(self, batch: Batch) -> None:
        """Add a batch, whole or not at all; applying it again changes nothing.

        Raises ``ValueError`` where records are not of the layout's width or a key is not 16 bytes, and
        :class:`StorageError` where the disk refuses; nothing was added then.
        """
        ...

    def rows(self, node: bytes) -> Rows:
        """Return a writable copy of a name's records (n, width), sorted by their bytes: time, order, hash."""
        ...

    def many(self, nodes: Sequence[bytes]) -> tuple[Rows, NDArray[np.int64]]:
        """Return the records of distinct names one after another, and the n + 1 offsets where each begins."""
        ...

    def node(self, node: bytes) -> NodeInfo | None:
        """Return what is known of a name, None if it never occurred."""
        ...

    def nodes(self) -> Iterator[tuple[bytes, NodeInfo]]:
        """Yield every name, sorted; names that come while it runs may be missing."""
        ...

    def texts(self, after: int = 0) -> list[tuple[int, str]]:
        """Return (code, text) of the categories in the order they came, without the first ``after``."""
        ...


def check_batch(batch: Batch, layout: Layout) -> None:
    """Raise ``ValueError`` where a batch does not fit a layout; called before anything is put.

    LMDB would cut a wider record to the width of those already there without a word.
    """
    keys = chain(batch.rows, batch.names, batch.known, chain.from_iterable(batch.members))
    if set(map(len, keys)) - {NODE_BYTES}:
        raise ValueError(f"a key of the timelines is not {NODE_BYTES} bytes")
    for rows in batch.rows.values():
        if rows.dtype != np.uint64 or rows.ndim != 2 or rows.shape[1] != layout.width:
            raise ValueError(f"a record is not {layout.width} words wide: {rows.dtype} {rows.shape}")


def flags_of(batch: Batch) -> dict[bytes, int]:
    """Return the flags that a batch adds to its nodes: what its records say, and which names are known."""
    found = dict.fromkeys(batch.known, KNOWN)
    nodes = [node for node, rows in batch.rows.items() if len(rows)]
    if nodes:
        codes = codes_of(np.concatenate([batch.rows[node] for node in nodes]))
        starts = np.cumsum([0, *(len(batch.rows[node]) for node in nodes[:-1])])
        links = np.logical_or.reduceat((codes == LINKED) | (codes == UNLINKED), starts)
        retractions = np.logical_or.reduceat(codes == RETRACTED, starts)
        added = links * HAS_LINKS + retractions * HAS_RETRACTIONS
        for at in np.flatnonzero(added).tolist():
            found[nodes[at]] = found.get(nodes[at], 0) | int(added[at])
    return found
