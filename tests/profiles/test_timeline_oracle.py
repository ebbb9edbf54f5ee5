"""read_person against the plain model: everybody, at every moment of knowledge, in any order of arrival."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.identity import Bank, Said
from tests.oracles.said import LAYOUT, expected, pseudonym_of, shown, tell

from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.profiles.identity import root
from onefold.profiles.store import KNOWN
from onefold.profiles.timeline import read_people, read_person

CUSTOMERS = [pseudonym_of(name) for name in ("user:1", "user:2", "user:9", "client:5")]
VISITORS = [pseudonym_of(name) for name in ("anon:a", "anon:b")]
EVERYBODY = CUSTOMERS + VISITORS
MOMENTS = st.integers(-2, 6)


@st.composite
def messages(draw: st.DrawFn) -> list[Said]:
    """Draw messages of few names at few moments, each name using a message id at most once."""
    names = draw(st.lists(st.sampled_from(EVERYBODY), min_size=2, max_size=5, unique=True))
    found: dict[tuple[bytes, str], Said] = {}
    for _ in range(draw(st.integers(0, 14))):
        node = draw(st.sampled_from(names))
        name = draw(st.sampled_from(["paid", "paid", "linked", "linked", "unlinked", "retracted", "unknown"]))
        others = [other for other in names if other != node]
        linked = name in ("linked", "unlinked") or (name == "paid" and draw(st.booleans()))
        said = Said(
            node=node,
            name=name,
            time=draw(MOMENTS),
            message_id=f"m{draw(st.integers(0, 9))}",
            known_at=draw(MOMENTS),
            order=draw(st.integers(-1, 1)),
            alias=draw(st.sampled_from(others)) if linked else None,
            amount=draw(st.integers(0, 2)),
            target=f"m{draw(st.integers(0, 9))}" if name == "retracted" else "",
        )
        found.setdefault((node, said.message_id), said)
    return list(found.values())


def customers_of(said: list[Said]) -> list[bytes]:
    mentioned = {node for one in said for node in (one.node, one.alias)}
    return [node for node in CUSTOMERS if node in mentioned]


@settings(deadline=None, max_examples=350)
@given(messages(), MOMENTS, st.integers(0, 1000))
def test_everybody_is_read_as_the_plain_model_says(said: list[Said], known: int, seed: int) -> None:
    store = MemoryTimelines(LAYOUT)
    shuffled = random.Random(seed).sample(said, len(said))
    half = len(said) // 2
    tell(store, shuffled[:half], 1)
    tell(store, shuffled[half:], 2)
    bank = Bank(sorted(said, key=lambda one: one.known_at), known=known, customers=customers_of(said))
    for node in EVERYBODY:
        assert root(store, node, known=known) == bank.root(node)
        if bank.root(node) == node:
            read = shown(read_person(store, node, known=known), known)
            assert [line[0] for line in read] == sorted(line[0] for line in read)
            assert sorted(read) == sorted(expected(bank.timeline(node)))


@settings(deadline=None, max_examples=150)
@given(messages(), MOMENTS, st.booleans())
def test_read_people_is_read_person_of_every_root_once(said: list[Said], known: int, visitors: bool) -> None:
    store = MemoryTimelines(LAYOUT)
    tell(store, said)
    found: dict[bytes, list[tuple[int, int, int, int, int]]] = {}
    for roots, rows, offsets in read_people(store, known=known, visitors=visitors):
        assert roots == sorted(roots)
        for at, node in enumerate(roots):
            assert node not in found
            found[node] = shown(rows[offsets[at] : offsets[at + 1]], known)
    wanted = {
        node
        for node, info in store.nodes()
        if root(store, node, known=known) == node and (visitors or info.flags & KNOWN)
    }
    assert set(found) == wanted
    for node, lines in found.items():
        assert lines == shown(read_person(store, node, known=known), known)


@settings(deadline=None, max_examples=150)
@given(messages(), MOMENTS)
def test_every_message_of_somebody_is_in_exactly_one_person(said: list[Said], known: int) -> None:
    said = [one for one in said if one.name != "retracted"]
    said = list({one.message_id: one for one in said}.values())
    store = MemoryTimelines(LAYOUT)
    tell(store, said)
    people = read_people(store, known=known, visitors=True)
    read = [line for _, rows, _ in people for line in shown(rows, known)]
    bank = Bank(said, known=known, customers=CUSTOMERS)
    assert sorted(read) == sorted(expected(bank.lines()))
