from __future__ import annotations

import pytest
from tests.oracles.identity import Said
from tests.oracles.said import LAYOUT, pseudonym_of, tell

from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.core.ids import message_hash
from onefold.profiles.dedup import Candidate, Verdict, judge

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
