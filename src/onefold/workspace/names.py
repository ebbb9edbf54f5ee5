"""The names of customers, sealed beside their timelines so that a person can be shown under their own name."""

from __future__ import annotations

from onefold.core.event import Event
from onefold.core.ports import Vault
from onefold.governance.records import RecordCodec
from onefold.profiles.gather import Gather
from onefold.profiles.store import TimelineStore

_BOUND = b"name\0"


class NameSeals:
    """Gives a batch the sealed names that its events mention for the first time in a run."""

    def __init__(self, codec: RecordCodec, vault: Vault) -> None:
        self._codec, self._vault = codec, vault
        self._done: set[str] = set()

    def add(self, gather: Gather, event: Event) -> None:
        """Seal the names of an event's own node and of its alias."""
        for name in (event.node, event.alias):
            if name is not None and name not in self._done:
                self._done.add(name)
                node = self._codec.node(name)
                gather.name(node, self._vault.seal(node, name.encode(), _BOUND + node))


def name_of(store: TimelineStore, vault: Vault, node: bytes) -> str | None:
    """Return the name behind a pseudonym; None where it was erased or never given."""
    info = store.node(node)
    if info is None or not info.name:
        return None
    plain = vault.open(node, info.name, _BOUND + node)
    return None if plain is None else plain.decode()
