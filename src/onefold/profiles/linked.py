"""Which names hang together by any link that was ever stated: whom an event of one of them may concern."""

from __future__ import annotations

from collections.abc import Iterable

from onefold.core.ids import NODE_BYTES
from onefold.profiles.store import HAS_LINKS, TimelineStore
from onefold.profiles.words import LINKED, SLOTS, UNLINKED, codes_of


def linked_with(store: TimelineStore, nodes: Iterable[bytes], *, most: int) -> set[bytes] | None:
    """Return names, and all that a chain of links leads to from them, either way and at whatever time.

    Every customer whose records or links an event of one of ``nodes`` can change is among them. None where they are
    more than ``most``: a device of a whole city, say.
    """
    found = set(nodes)
    waiting = list(found)
    while waiting:
        fresh = _neighbours(store, waiting.pop()) - found
        found |= fresh
        waiting += fresh
        if len(found) > most:
            return None
    return found


def _neighbours(store: TimelineStore, node: bytes) -> set[bytes]:
    info = store.node(node)
    if info is None:
        return set()
    found = set(info.members)
    if info.flags & HAS_LINKS:
        rows = store.rows(node)
        codes = codes_of(rows)
        owners = rows[(codes == LINKED) | (codes == UNLINKED), SLOTS : SLOTS + 2].tobytes()
        found |= {owners[at : at + NODE_BYTES] for at in range(0, len(owners), NODE_BYTES)}
    return found
