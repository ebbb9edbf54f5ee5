from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.identity import Said
from tests.oracles.said import LAYOUT, PAID, pseudonym_of, tell

from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.core.ids import message_hash
from onefold.profiles.dedup import Candidate, Verdict, judge, judge_all
from onefold.profiles.store import Batch

A, ONE, TWO, NINE = map(pseudonym_of, ("anon:a", "user:1", "user:2", "user:9"))
SAID = [
    Said(ONE, "paid", 1, "m1", 0, amount=5),
    Said(A, "paid", 2, "m2", 0, amount=6),
    Said(ONE, "linked", 3, "m3", 0, alias=A),
    Said(ONE, "retracted", 4, "m4", 0, target="m1"),
    Said(TWO, "paid", 1, "m5", 0, amount=5),
]
DIGEST = {one.message_id: one.digest for one in SAID}


@pytest.mark.parametrize(
    ("node", "message_id", "digest", "verdict"),
    [
        (ONE, "m1", DIGEST["m1"], Verdict.REPEAT),
        (ONE, "m1", DIGEST["m1"] + (7 << 32), Verdict.REPEAT),
        (ONE, "m1", 1, Verdict.CONFLICT),
        (A, "m1", DIGEST["m1"], Verdict.REPEAT),
        (ONE, "m2", DIGEST["m2"], Verdict.REPEAT),
        (ONE, "m2", 1, Verdict.CONFLICT),
        (ONE, "m4", DIGEST["m4"], Verdict.REPEAT),
        (TWO, "m1", 1, Verdict.NEW),
        (TWO, "m5", DIGEST["m5"], Verdict.REPEAT),
        (NINE, "m1", 1, Verdict.NEW),
        (ONE, "m9", 1, Verdict.NEW),
    ],
)
def test_a_message_is_judged_by_all_names_of_its_person(
    node: bytes, message_id: str, digest: int, verdict: Verdict
) -> None:
    store = MemoryTimelines(LAYOUT)
    tell(store, SAID)
    assert judge(store, Candidate(node, message_hash(message_id), digest)) is verdict


HASHES = st.builds(lambda first, last: first << 56 | last, st.integers(0, 3), st.integers(0, 3))
"""Message hashes of which many begin alike and many end alike, so that whatever sifts them has to look twice."""


def record(hashed: int, digest: int) -> list[int]:
    swapped = int.from_bytes(hashed.to_bytes(8, "big"), sys.byteorder)
    return [0, 0, swapped, 0, digest << 32 | PAID, *[0] * (LAYOUT.width - 5)]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([ONE, TWO, A]), HASHES, st.integers(1, 2)), max_size=30),
    st.lists(st.builds(Candidate, st.sampled_from([ONE, TWO, A, NINE]), HASHES, st.integers(1, 3)), max_size=30),
)
def test_many_are_judged_as_one_after_another(stored: list[tuple[bytes, int, int]], asked: list[Candidate]) -> None:
    """The timelines of one are those of two names, joined by a link; what is new counts for the name it came with."""
    store = MemoryTimelines(LAYOUT)
    tell(store, [Said(ONE, "linked", 0, "link", 0, alias=A)])
    rows: dict[bytes, list[list[int]]] = {}
    for node, hashed, digest in stored:
        rows.setdefault(node, []).append(record(hashed, digest))
    store.apply(Batch(2, {node: np.array(found, dtype=np.uint64) for node, found in rows.items()}))
    person = {ONE: {ONE, A}, A: {ONE, A}, TWO: {TWO}, NINE: {NINE}}
    said: dict[tuple[bytes, int], set[int]] = {}
    for one, verdict in zip(asked, judge_all(store, asked), strict=True):
        known = {
            digest for node, hashed, digest in stored if node in person[one.node] and hashed == one.message_hash
        } | said.setdefault((one.node, one.message_hash), set())
        if not known:
            said[one.node, one.message_hash].add(one.digest)
        assert verdict is (Verdict.NEW if not known else Verdict.REPEAT if one.digest in known else Verdict.CONFLICT)
