from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.core.event import LINKED, UNLINKED, Event
from onefold.core.schema import Schema
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.profiles.layout import Layout
from onefold.profiles.linked import linked_with

LAYOUT = Layout(Schema())
PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=15)


def node(number: int) -> bytes:
    return number.to_bytes(16, "big")


@given(pairs=PAIRS, start=st.sets(st.integers(0, 9), max_size=3))
def test_names_hang_together_by_every_link(pairs: list[tuple[int, int, bool]], start: set[int]) -> None:
    gather, store = Gather(LAYOUT), MemoryTimelines(LAYOUT)
    for number, (owner, alias, is_link) in enumerate(pairs):
        name = LINKED if is_link else UNLINKED
        event = Event(node=f"user:{owner}", name=name, time=number, message_id=f"m{number}", alias=f"user:{alias}")
        gather.add(event, Stamp(node(owner), number, 0), alias=node(alias))
    store.apply(gather.batch(1))
    found = set(start)
    for _ in range(10):  # the slow way: join until nothing changes
        for owner, alias, is_link in pairs:
            if is_link and owner != alias and {owner, alias} & found:
                found |= {owner, alias}
    told = linked_with(store, {node(one) for one in start}, most=10)
    assert told is not None
    assert told >= {node(one) for one in found}
    known = {one for owner, alias, _ in pairs for one in (owner, alias)} | start
    assert told <= {node(one) for one in known}


def test_too_many_are_not_followed() -> None:
    gather, store = Gather(LAYOUT), MemoryTimelines(LAYOUT)
    for number in range(1, 30):
        event = Event(node=f"user:{number}", name=LINKED, time=number, message_id=f"m{number}", alias="anon:kiosk")
        gather.add(event, Stamp(node(number), number, 0), alias=node(0))
    store.apply(gather.batch(1))
    assert linked_with(store, {node(3)}, most=10) is None
    assert linked_with(store, {node(3)}, most=40) == {node(at) for at in range(30)}
