"""Links by hand: each rule of SEMANTICS "Who" once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.oracles.identity import Said
from tests.oracles.said import LAYOUT, PAID, name_of, pseudonym_of, shown, tell

from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.profiles.identity import root
from onefold.profiles.timeline import read_people, read_person

ALWAYS = 10**9
A, B, ONE, TWO, NINE = map(pseudonym_of, ("anon:a", "anon:b", "user:1", "user:2", "user:9"))


def paid(node: bytes, time: int, amount: int, known_at: int = 0, message_id: str = "") -> Said:
    return Said(node, "paid", time, message_id or f"p{amount}", known_at, amount=amount)


def link(owner: bytes, alias: bytes, time: int, known_at: int = 0, message_id: str = "") -> Said:
    return Said(owner, "linked", time, message_id or f"l{owner!r}{alias!r}{time}", known_at, alias=alias)


def unlink(owner: bytes, alias: bytes, time: int, known_at: int = 0) -> Said:
    return Said(owner, "unlinked", time, f"u{owner!r}{alias!r}{time}", known_at, alias=alias)


def retract(node: bytes, target: str, known_at: int = 0) -> Said:
    return Said(node, "retracted", 50, f"r{target}", known_at, target=target)


def amounts(said: Sequence[Said], node: bytes, known: int = ALWAYS) -> list[int]:
    store = MemoryTimelines(LAYOUT)
    tell(store, said)
    return [line[4] for line in shown(read_person(store, node, known=known), known) if line[2] == PAID]


def whose(said: Sequence[Said], node: bytes, known: int = ALWAYS) -> str:
    store = MemoryTimelines(LAYOUT)
    tell(store, said)
    return name_of(root(store, node, known=known))


def test_a_shared_device_goes_by_the_first_link_at_or_after_else_the_last_before() -> None:
    said = [paid(A, time, time) for time in (1, 10, 11, 20, 21)] + [link(ONE, A, 10), link(TWO, A, 20)]
    assert amounts(said, ONE) == [1, 10]
    assert amounts(said, TWO) == [11, 20, 21]
    assert whose(said, A) == "user:2"


def test_links_at_one_instant_go_by_order_then_hash() -> None:
    first = Said(ONE, "linked", 10, "x", 0, order=0, alias=A)
    second = Said(TWO, "linked", 10, "y", 0, order=1, alias=A)
    said = [paid(A, 5, 5), paid(A, 15, 15), first, second]
    assert (amounts(said, ONE), amounts(said, TWO)) == ([5], [15])


def test_one_message_id_of_two_owners_goes_by_the_owner_whatever_arrived_first() -> None:
    for known_at in (0, 300):
        links = [link(ONE, A, 10, known_at, "same"), link(TWO, A, 10, 7, "same")]
        assert amounts([paid(A, 5, 5), *links], ONE) == [5]


def test_a_late_link_acts_over_all_history_once_it_is_known() -> None:
    said = [paid(A, 1, 1), paid(ONE, 2, 2), link(ONE, A, 10, known_at=100)]
    assert amounts(said, ONE, known=99) == [2]
    assert amounts(said, ONE, known=100) == [1, 2]
    assert whose(said, A, known=99) == "anon:a"


def test_chains_are_followed_to_their_end() -> None:
    said = [paid(A, 1, 1), paid(ONE, 2, 2), paid(NINE, 3, 3), link(ONE, A, 5), link(NINE, ONE, 6)]
    assert amounts(said, NINE) == [1, 2, 3]
    assert whose(said, A) == whose(said, ONE) == "user:9"


def test_a_circle_is_one_person_whatever_came_first() -> None:
    said = [paid(ONE, 1, 1), paid(NINE, 2, 2), link(ONE, NINE, 5), link(NINE, ONE, 6)]
    for order in (said, said[::-1]):
        assert amounts(order, ONE) == [1, 2]
        assert whose(order, NINE) == "user:1"


def test_a_circle_with_a_visitor_is_a_customer() -> None:
    said = [paid(A, 1, 1), paid(ONE, 2, 2), link(ONE, A, 5), link(A, ONE, 5)]
    assert whose(said, A) == "user:1"
    assert amounts(said, ONE) == [1, 2]


def test_splitting_parts_and_linking_again_merges() -> None:
    said = [paid(A, 1, 1), paid(A, 30, 30), paid(ONE, 2, 2), link(ONE, A, 5), unlink(ONE, A, 10, known_at=3)]
    assert amounts(said, ONE, known=2) == [1, 2, 30]
    assert amounts(said, ONE) == [2]
    assert amounts(said, A) == [1, 30]
    again = [*said, link(ONE, A, 20, known_at=4)]
    assert amounts(again, ONE, known=3) == [2]
    assert amounts(again, ONE) == [1, 2, 30]


def test_an_unlink_parts_its_own_pair_only_and_at_its_own_instant_too() -> None:
    said = [paid(A, 1, 1), link(ONE, A, 5), link(TWO, A, 6), unlink(ONE, A, 5)]
    assert (amounts(said, ONE), amounts(said, TWO)) == ([], [1])
    assert amounts([*said, unlink(TWO, A, 5)], TWO) == [1]


def test_a_retraction_may_come_before_its_event() -> None:
    said = [retract(ONE, "p1", known_at=1), paid(ONE, 1, 1, known_at=2), paid(ONE, 2, 2, known_at=2)]
    assert amounts(said, ONE) == [2]


def test_a_retraction_counts_from_its_arrival_and_for_all_names_of_the_person() -> None:
    said = [paid(A, 1, 1), link(ONE, A, 5), retract(ONE, "p1", known_at=7)]
    assert amounts(said, ONE, known=6) == [1]
    assert amounts(said, ONE, known=7) == []


def test_a_retraction_by_somebody_else_has_no_effect() -> None:
    assert amounts([paid(ONE, 1, 1), retract(TWO, "p1")], ONE) == [1]


def test_a_retraction_cannot_be_retracted() -> None:
    assert amounts([paid(ONE, 1, 1), retract(ONE, "p1"), retract(ONE, "rp1")], ONE) == []


@pytest.mark.parametrize("by", [ONE, A])
def test_a_retracted_link_does_not_exist(by: bytes) -> None:
    said = [paid(A, 1, 1), link(ONE, A, 5, message_id="bad"), retract(by, "bad", known_at=9)]
    assert amounts(said, ONE, known=8) == [1]
    assert amounts(said, ONE) == []
    assert whose(said, A) == "anon:a"


def test_the_two_of_a_merged_person_count_once() -> None:
    early, late = paid(A, 1, 1, message_id="same"), paid(ONE, 2, 2, message_id="same")
    said = [early, late, link(ONE, A, 5, known_at=3)]
    assert amounts(said, ONE, known=2) == [2]
    assert amounts(said, ONE) == [1]
    equal = [paid(A, 1, 1, message_id="same"), paid(ONE, 1, 1, message_id="same"), link(ONE, A, 5)]
    assert amounts(equal, ONE) == [1]


def test_of_two_the_one_that_was_known_counts() -> None:
    early, late = paid(A, 1, 1, known_at=9, message_id="same"), paid(ONE, 2, 2, message_id="same")
    said = [early, late, link(ONE, A, 5)]
    assert amounts(said, ONE, known=8) == [2]
    assert amounts(said, ONE, known=9) == [1]


def test_visitors_count_only_when_asked_for() -> None:
    store = MemoryTimelines(LAYOUT)
    tell(store, [paid(A, 1, 1), paid(B, 1, 2), paid(ONE, 1, 3), link(ONE, A, 5)])

    def roots(visitors: bool) -> list[str]:
        people = read_people(store, known=ALWAYS, visitors=visitors)
        return [name_of(node) for chunk, _, _ in people for node in chunk]

    assert roots(visitors=False) == ["user:1"]
    assert roots(visitors=True) == ["anon:b", "user:1"]


def test_a_name_that_never_occurred_is_its_own() -> None:
    assert whose([], ONE) == "user:1"
    assert amounts([], ONE) == []
