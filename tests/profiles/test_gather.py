from __future__ import annotations

import pytest
from tests.oracles.said import LAYOUT, PAID, pseudonym_of

from onefold.core.event import Event
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.profiles.words import codes_of

USER, DEVICE = pseudonym_of("user:1"), pseudonym_of("anon:a")


def paid(node: str, alias: str | None = None, name: str = "paid") -> Event:
    return Event(node=node, name=name, time=1, message_id=f"{node}{alias}{name}", alias=alias)


def test_a_batch_holds_everything_once_and_the_next_begins_anew() -> None:
    gather = Gather(LAYOUT)
    gather.add(paid("anon:a"), Stamp(DEVICE, 2, 0))
    gather.add(paid("user:1", "anon:a"), Stamp(USER, 2, 0), alias=DEVICE)
    gather.add(paid("user:1", "anon:a", "identity_linked"), Stamp(USER, 2, 0), alias=DEVICE)
    gather.name(USER, b"sealed")
    assert gather.events == 3
    batch = gather.batch(9)
    assert (batch.seq, dict(batch.names), list(batch.members)) == (9, {USER: b"sealed"}, [(USER, DEVICE)])
    assert list(batch.known) == [USER]
    assert {node: codes_of(rows).tolist() for node, rows in batch.rows.items()} == {
        DEVICE: [PAID, 1, 1],
        USER: [PAID, 0],
    }
    empty = gather.batch(10)
    assert (gather.events, dict(empty.rows), list(empty.known), list(empty.members)) == (0, {}, [], [])


def test_an_unlink_makes_no_member() -> None:
    gather = Gather(LAYOUT)
    gather.add(paid("user:1", "anon:a", "identity_unlinked"), Stamp(USER, 2, 0), alias=DEVICE)
    assert list(gather.batch(1).members) == []


def test_an_alias_needs_its_pseudonym() -> None:
    with pytest.raises(ValueError, match="alias"):
        Gather(LAYOUT).add(paid("user:1", "anon:a"), Stamp(USER, 2, 0))
