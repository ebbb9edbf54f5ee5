"""From the log to the timelines: whatever the store lacks is applied to it, so that it can be deleted at will."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from onefold.core.event import Event
from onefold.governance.records import Kind, RecordCodec
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.profiles.layout import Layout
from onefold.profiles.store import Batch, TimelineStore
from onefold.workspace.collecting import collecting_seldom
from onefold.workspace.names import NameSeals
from onefold.workspace.stores import Stores

BATCH = 5_000

Progress = Callable[[str, int, int | None], None]
"""Called with (what is under way, done, of how many if known) while something long runs."""


def silent(what: str, done: int, total: int | None) -> None:
    """Show no progress."""


def behind(stores: Stores, timelines: TimelineStore) -> int:
    """Return how many records of the log the timelines lack."""
    return stores.log.last() - timelines.state()[0]


@collecting_seldom()
def catch_up(stores: Stores, timelines: TimelineStore, layout: Layout, *, progress: Progress = silent) -> None:
    """Apply every record of the log that the timelines lack, in bounded batches."""
    first, last = timelines.state()[0], stores.log.last()
    if first >= last:
        return
    for batch in batches(stores, layout, after=first, seals=NameSeals(stores.codec, stores.vault)):
        stores.vault.sync()
        timelines.apply(batch)
        progress("Building timelines", batch.seq - first, last - first)


def batches(stores: Stores, layout: Layout, *, after: int = 0, seals: NameSeals | None = None) -> Iterator[Batch]:
    """Yield what the records of the log after a number add to timelines, in batches of bounded size.

    Without ``seals`` nobody can be shown by name from them.
    """
    gather, last = Gather(layout), stores.log.last()
    for seq, payload in stores.log.records(after):
        record = stores.codec.decode(payload)
        if record.kind is Kind.EVENT and record.event is not None:
            if seals is not None:
                seals.add(gather, record.event)
            stamp = Stamp(record.node, record.known_at, stores.codec.body_digest(record.event))
            add_event(gather, stores.codec, record.event, stamp)
        if (seq - after) % BATCH == 0 or seq == last:
            yield gather.batch(seq)


def add_event(gather: Gather, codec: RecordCodec, event: Event, stamp: Stamp) -> None:
    """Add an event of the log to a batch for the timelines."""
    alias = codec.node(event.alias) if event.alias is not None else None
    gather.add(event, stamp, alias=alias)
