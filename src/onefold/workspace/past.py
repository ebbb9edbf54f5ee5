"""Readers under definitions that were in force once: what was decided then is decided again by them."""

from __future__ import annotations

from dataclasses import replace

from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.core.errors import Problem, UserError
from onefold.profiles.layout import Layout
from onefold.profiles.store import TimelineStore
from onefold.workspace.catch_up import batches
from onefold.workspace.definitions import read_definitions
from onefold.workspace.reader import Reader
from onefold.workspace.stores import Stores


class Past:
    """Gives a reader for each set of definitions that was ever published, making each once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._readers = {reader.definitions.digest: reader}

    def under(self, digest: str) -> Reader:
        """Return the reader of a set; raise :class:`UserError` where it was never published here."""
        if digest not in self._readers:
            self._readers[digest] = self._made(digest)
        return self._readers[digest]

    def _made(self, digest: str) -> Reader:
        stores = self.reader.stores
        contents = stores.control.files(digest)
        if contents is None:
            why = "the control store does not hold them"
            raise UserError(
                Problem(f"the definitions {digest[:12]}", why, "Restore .onefold/control.db from a backup.")
            )
        definitions = replace(read_definitions(contents), digest=digest)
        layout = Layout(definitions.schema)
        same = layout.fingerprint == self.reader.layout.fingerprint
        return Reader(stores, self.reader.timelines if same else _rebuilt(stores, layout), definitions)


def _rebuilt(stores: Stores, layout: Layout) -> TimelineStore:
    """Build the timelines of another layout in memory: old events and traits may stand elsewhere in a record."""
    timelines = MemoryTimelines(layout)
    for batch in batches(stores, layout):
        timelines.apply(batch)
    return timelines
