"""From the plain model's messages to the records of a store, and back to what is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.oracles.identity import Line, Said

from onefold.core.event import LINKED, RETRACTED, UNLINKED, Event
from onefold.core.ids import message_hash
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.profiles.layout import Layout
from onefold.profiles.store import TimelineStore
from onefold.profiles.words import SLOTS, Rows, codes_of, digests_of, hashes_of, known_of, times_of

LAYOUT = Layout(Schema(events={"paid": EventType("paid", (Property("amount", ValueType.NUMBER),))}))
PAID = LAYOUT.code("paid")
NAMES = {"linked": LINKED, "unlinked": UNLINKED, "retracted": RETRACTED}
KINDS = {"paid": PAID, "link": 1, "unlink": 2, "retracted": 3, "linked": 0, "unlinked": 0, "unknown": 0}

Shown = tuple[int, int, int, int, int]


def pseudonym_of(name: str) -> bytes:
    """Return a readable pseudonym, which sorts as the name does."""
    return name.encode().ljust(16, b".")


def name_of(node: bytes) -> str:
    return node.decode().rstrip(".")


def event_of(said: Said) -> Event:
    properties: dict[str, object] = {"amount": said.amount} if said.name == "paid" else {}
    if said.name == "retracted":
        properties = {"message_id": said.target}
    return Event(
        node=name_of(said.node),
        name=NAMES.get(said.name, said.name),
        time=said.time,
        order=said.order,
        message_id=said.message_id,
        properties=properties,
        alias=None if said.alias is None else name_of(said.alias),
    )


def tell(store: TimelineStore, said: Iterable[Said], seq: int = 1) -> None:
    """Apply messages to a store as one batch."""
    gather = Gather(LAYOUT)
    for one in said:
        gather.add(event_of(one), Stamp(one.node, one.known_at, one.digest), alias=one.alias)
    store.apply(gather.batch(seq))


def shown(rows: Rows, known: int) -> list[Shown]:
    """Return what is compared of the records that had arrived: time, hash, code, digest, amount."""
    rows = rows[known_of(rows) <= known]
    amounts = rows[:, SLOTS].view("int64") * (codes_of(rows) == PAID)
    columns = (times_of(rows), hashes_of(rows), codes_of(rows), digests_of(rows), amounts)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def expected(lines: Sequence[Line]) -> list[Shown]:
    return [
        (
            line.said.time,
            message_hash(line.said.message_id),
            KINDS[line.kind],
            line.said.digest,
            line.said.amount if line.kind == "paid" else 0,
        )
        for line in lines
    ]
