"""One test body for every TimelineStore: what the port promises, and that all give the same answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.oracles.said import LAYOUT

from onefold.adapters.lmdb.timelines import LmdbTimelines
from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.profiles.store import HAS_LINKS, HAS_RETRACTIONS, KNOWN, Batch, NodeInfo, TimelineStore
from onefold.profiles.words import KIND, LINKED, RETRACTED, UNLINKED, Rows

WIDTH = LAYOUT.width
NODES = [bytes([at]) * 16 for at in range(5)]
ABSENT = b"\xff" * 16


def row(first: int, code: int = 16) -> Rows:
    found = np.full((1, WIDTH), first, dtype=np.uint64)
    found[0, KIND] = code
    return found


@pytest.fixture(params=["memory", "lmdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TimelineStore]:
    if request.param == "memory":
        yield MemoryTimelines(LAYOUT)
        return
    lmdb = LmdbTimelines(tmp_path / "timelines", LAYOUT)
    yield lmdb
    lmdb.close()


def test_an_empty_store(store: TimelineStore) -> None:
    assert store.state() == (0, LAYOUT.fingerprint)
    assert store.rows(ABSENT).shape == (0, WIDTH)
    rows, offsets = store.many([])
    assert (rows.shape, offsets.tolist()) == ((0, WIDTH), [0])
    rows, offsets = store.many(NODES)
    assert (rows.shape, offsets.tolist()) == ((0, WIDTH), [0] * 6)
    assert store.node(ABSENT) is None
    assert list(store.nodes()) == []
    assert store.texts() == []


def test_rows_are_a_writable_contiguous_copy_in_byte_order(store: TimelineStore) -> None:
    store.apply(Batch(1, {NODES[1]: np.concatenate([row(256), row(3), row(1), row(3)])}))
    found = store.rows(NODES[1])
    assert found[:, 0].tolist() == [256, 1, 3]  # little-endian words compare by their lowest byte first
    assert found.flags.c_contiguous
    found[:] = 0
    assert store.rows(NODES[1])[:, 0].tolist() == [256, 1, 3]


def test_many_keeps_the_order_asked_for_and_leaves_gaps_for_the_absent(store: TimelineStore) -> None:
    store.apply(Batch(1, {node: np.concatenate([row(at), row(at + 1)]) for at, node in enumerate(NODES)}))
    rows, offsets = store.many([NODES[3], ABSENT, NODES[0]])
    assert offsets.tolist() == [0, 2, 2, 4]
    assert rows[:, 0].tolist() == [3, 4, 0, 1]
    assert rows.flags.c_contiguous
    assert rows.flags.writeable


def test_many_takes_more_names_than_fit_one_call(store: TimelineStore) -> None:
    nodes = [at.to_bytes(16, "big") for at in range(1203)]
    store.apply(Batch(1, {node: row(at) for at, node in enumerate(nodes)}))
    rows, offsets = store.many(nodes)
    assert offsets.tolist() == list(range(1204))
    assert rows[:, 0].tolist() == list(range(1203))


def test_flags_come_from_records_and_from_who_is_known(store: TimelineStore) -> None:
    a, b, c, d, _ = NODES
    rows = {a: row(1, LINKED), b: row(1, UNLINKED), c: np.concatenate([row(1), row(2, RETRACTED)]), d: row(1)}
    store.apply(Batch(1, rows, known=[c]))
    flags = [info.flags for _, info in store.nodes()]
    assert flags == [HAS_LINKS, HAS_LINKS, HAS_RETRACTIONS | KNOWN, 0]
    store.apply(Batch(2, {a: row(9)}, known=[a]))
    assert store.node(a) == NodeInfo(b"", HAS_LINKS | KNOWN)


def test_names_members_and_nodes(store: TimelineStore) -> None:
    a, b, c, _, _ = NODES
    store.apply(Batch(1, names={b: b"sealed"}, members=[(c, b), (c, a), (c, b)]))
    store.apply(Batch(2, {b: row(1)}, members=[(c, b)]))
    assert list(store.nodes()) == [(b, NodeInfo(b"sealed", 0)), (c, NodeInfo(b"", 0, (a, b)))]
    assert store.node(a) is None
    store.apply(Batch(3, names={b: b"again"}))
    assert store.node(b) == NodeInfo(b"again", 0)


def test_nodes_reads_on_over_many_runs(store: TimelineStore) -> None:
    nodes = [at.to_bytes(16, "little") for at in range(4100)]
    store.apply(Batch(1, names=dict.fromkeys(nodes, b"n")))
    assert [node for node, _ in store.nodes()] == sorted(nodes)


def test_texts_keep_the_order_in_which_they_came(store: TimelineStore) -> None:
    store.apply(Batch(1, texts={5: "five", -3: "minus tři"}))
    store.apply(Batch(2, texts={-3: "minus tři", 4: "four"}))
    assert store.texts() == [(5, "five"), (-3, "minus tři"), (4, "four")]
    assert store.texts(after=2) == [(4, "four")]
    assert store.texts(after=3) == store.texts(after=99) == []


def test_a_batch_applied_again_changes_nothing(store: TimelineStore) -> None:
    first = Batch(7, {NODES[0]: row(1)}, {NODES[0]: b"n"}, [(NODES[1], NODES[0])], {1: "one"}, [NODES[0]])
    store.apply(first)
    before = (store.state(), store.rows(NODES[0]).tolist(), list(store.nodes()), store.texts())
    store.apply(first)
    assert (store.state(), store.rows(NODES[0]).tolist(), list(store.nodes()), store.texts()) == before
    store.apply(Batch(3))
    assert store.state()[0] == 7


@pytest.mark.parametrize(
    "bad",
    [
        Batch(1, {NODES[0]: np.zeros((1, WIDTH + 2), dtype=np.uint64)}),
        Batch(1, {NODES[0]: np.zeros((1, WIDTH - 2), dtype=np.uint64)}),
        Batch(1, {NODES[0]: np.zeros(WIDTH, dtype=np.uint64)}),
        Batch(1, {NODES[0]: np.zeros((1, WIDTH), dtype=np.float64)}),
        Batch(1, {b"short": row(1)}),
        Batch(1, names={b"": b"x"}),
        Batch(1, members=[(NODES[0], b"short")]),
        Batch(1, known=[b"short"]),
    ],
)
def test_a_batch_that_does_not_fit_is_refused_whole(store: TimelineStore, bad: Batch) -> None:
    good = Batch(2, {**bad.rows, NODES[1]: row(1)}, bad.names, bad.members, {}, bad.known)
    with pytest.raises(ValueError, match=r"record|key"):
        store.apply(good)
    assert store.state()[0] == 0
    assert len(store.rows(NODES[1])) == 0


node = st.sampled_from(NODES)
records = st.builds(row, st.integers(0, 2**64 - 1) | st.integers(0, 3), st.sampled_from([0, 1, 2, 3, 16]))


class StoresAgree(RuleBasedStateMachine):
    """Any batches, and any closing and opening between them, leave both stores with the same answers."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.lmdb = self.open()
        self.memory = MemoryTimelines(LAYOUT)
        self.seq = 0

    def open(self) -> LmdbTimelines:
        return LmdbTimelines(Path(self.folder.name) / "t", LAYOUT, map_bytes=1 << 16)

    @rule(
        rows=st.dictionaries(node, st.lists(records, min_size=1, max_size=30).map(np.concatenate), max_size=4),
        names=st.dictionaries(node, st.binary(max_size=300), max_size=2),
        members=st.lists(st.tuples(node, node), max_size=3),
        texts=st.dictionaries(st.integers(-4, 4), st.text(max_size=9), max_size=3),
        known=st.lists(node, max_size=2),
        again=st.booleans(),
    )
    def apply(
        self,
        rows: dict[bytes, Rows],
        names: dict[bytes, bytes],
        members: list[tuple[bytes, bytes]],
        texts: dict[int, str],
        known: list[bytes],
        again: bool,
    ) -> None:
        self.seq += 1
        batch = Batch(self.seq, rows, names, members, texts, known)
        self.memory.apply(batch)
        for _ in range(1 + again):
            self.lmdb.apply(batch)

    @rule()
    def reopen(self) -> None:
        self.lmdb.close()
        self.lmdb = self.open()

    @rule(nodes=st.lists(node, max_size=5, unique=True))
    def many(self, nodes: list[bytes]) -> None:
        (one, at_one), (two, at_two) = self.lmdb.many(nodes), self.memory.many(nodes)
        assert at_one.tolist() == at_two.tolist()
        assert np.array_equal(one, two)

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "lmdb"):
            return
        assert self.lmdb.state() == self.memory.state()
        assert list(self.lmdb.nodes()) == list(self.memory.nodes())
        assert self.lmdb.texts() == self.memory.texts()
        for name in NODES:
            assert np.array_equal(self.lmdb.rows(name), self.memory.rows(name))
            assert self.lmdb.node(name) == self.memory.node(name)

    def teardown(self) -> None:
        if hasattr(self, "lmdb"):
            self.lmdb.close()
            self.folder.cleanup()


TestStoresAgree = StoresAgree.TestCase
TestStoresAgree.settings = settings(deadline=None, max_examples=20, stateful_step_count=12)
