"""People of the package's oracle against the other plain model, which the timelines are tested with."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.identity import Bank, Said
from tests.oracles.said import event_of, name_of, pseudonym_of
from tests.profiles.test_timeline_oracle import CUSTOMERS, EVERYBODY, MOMENTS, messages

from onefold.core.event import LINKED, RETRACTED, UNLINKED, Event
from onefold.oracle.lines import LoggedEvent
from onefold.oracle.people import Links, Person, people


def logged(said: Said) -> LoggedEvent:
    return LoggedEvent(event_of(said), said.known_at, said.digest)


def shown(person: Person) -> list[tuple[str, str, int, int, bool]]:
    """Return what tells lines apart, but for which of two equal ones it is that stayed."""
    return sorted(
        (line.logged.event.message_id, line.logged.event.name, line.logged.event.time, line.logged.digest, line.link)
        for line in person.lines
    )


@settings(deadline=None, max_examples=400)
@given(messages(), MOMENTS, st.integers(0, 1000))
def test_everybody_is_as_the_other_model_says(said: list[Said], known: int, seed: int) -> None:
    shuffled = random.Random(seed).sample(said, len(said))
    found = people([logged(one) for one in shuffled], known, pseudonym_of)
    bank = Bank(sorted(said, key=lambda one: one.known_at), known=known, customers=CUSTOMERS)
    arrived = {node for one in bank.said for node in (one.node, one.alias) if node is not None}
    assert set(found) == {name_of(bank.root(node)) for node in arrived}
    for node in EVERYBODY:
        person = found.get(name_of(node))
        wanted = sorted(
            (line.said.message_id, event_of(line.said).name, line.said.time, line.said.digest, line.kind in _LINKS)
            for line in bank.timeline(node)
        )
        assert (shown(person) if person else []) == wanted
        if node in arrived:
            assert name_of(node) in found[name_of(bank.root(node))].names


_LINKS = ("link", "unlink")


def event(node: str, name: str, time: int, **more: object) -> LoggedEvent:
    alias, target = more.get("alias"), more.get("target")
    made = Event(
        node=node,
        name=name,
        time=time,
        message_id=str(more.get("id", f"{node} {name} {time}")),
        alias=None if alias is None else str(alias),
        properties={} if target is None else {"message_id": target},
    )
    known_at = more.get("known_at", 0)
    assert isinstance(known_at, int)
    return LoggedEvent(made, known_at)


def times(records: list[LoggedEvent], known: int = 99) -> dict[str, list[int]]:
    return {name: sorted(one.event.time for one in person.events) for name, person in people(records, known).items()}


def test_a_shared_device_goes_by_the_first_link_at_or_after_else_the_last_before() -> None:
    views = [event("anon:a", "view", time) for time in (1, 10, 11, 20, 21)]
    links = [event("user:1", LINKED, 10, alias="anon:a"), event("user:2", LINKED, 20, alias="anon:a")]
    assert times([*views, *links]) == {"user:1": [1, 10, 10], "user:2": [11, 20, 20, 21]}


def test_links_unlinks_and_retractions_count_from_their_arrival() -> None:
    records = [
        event("anon:a", "view", 1, id="v"),
        event("user:1", LINKED, 5, alias="anon:a", known_at=1),
        event("user:1", UNLINKED, 6, alias="anon:a", known_at=2),
        event("anon:a", RETRACTED, 7, target="v", known_at=3),
    ]
    assert times(records, 0) == {"anon:a": [1]}
    assert times(records, 1) == {"user:1": [1, 5]}
    assert times(records, 2) == {"anon:a": [1], "user:1": [5, 6]}
    assert times(records, 3) == {"anon:a": [7], "user:1": [5, 6]}


def test_a_message_of_two_names_of_one_person_counts_once() -> None:
    records = [
        event("user:1", "view", 2, id="same", known_at=0),
        event("anon:a", "view", 1, id="same", known_at=9),
        event("user:1", LINKED, 3, alias="anon:a"),
    ]
    assert times(records) == {"user:1": [1, 3]}
    assert times(records, 8) == {"user:1": [2, 3]}


def test_many_links_of_one_owner_are_kept_as_one() -> None:
    links = Links([event("user:1", "view", time, alias="anon:a") for time in range(100)], str.encode)
    assert links.links("anon:a") == [(99, "user:1")]
