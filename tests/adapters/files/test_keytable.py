"""The key table: a dict in all but memory."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.adapters.files.keytable import KeyTable, StoredKey

nodes = st.builds(lambda head, tail: bytes([head]) + bytes(14) + bytes([tail]), st.integers(0, 2), st.integers(0, 3))
steps = st.tuples(st.sampled_from(["put", "remove", "settle", "get"]), nodes, st.integers(0, 9))


@settings(deadline=None, max_examples=60)
@given(st.lists(steps, max_size=40))
def test_it_behaves_as_a_dict(work: list[tuple[str, bytes, int]]) -> None:
    table, truth = KeyTable(), dict[bytes, StoredKey]()
    for number, (step, node, seq) in enumerate(work, 1):
        if step == "put" and node not in truth:
            truth[node] = StoredKey(number, seq, bytes([number] * 60))
            table.put(node, truth[node])
        elif step == "remove":
            table.remove(node)
            truth.pop(node, None)
        elif step == "settle":
            table.settle(force=True)
        assert table.get(node) == truth.get(node)
    assert sorted(table.nodes()) == sorted(truth)
    assert {node: table.get(node) for node in truth} == truth


def test_loading_many_and_a_removed_key_leaves_no_bytes() -> None:
    table = KeyTable()
    keys = {n.to_bytes(16, "little"): StoredKey(1, n + 1, n.to_bytes(4, "big") * 15) for n in range(120_000)}
    table.load(keys.items())
    assert all(table.get(node) == key for node, key in list(keys.items())[::997])
    doomed = (77).to_bytes(16, "little")
    table.remove(doomed)
    table.put(doomed, StoredKey(2, 0, bytes(60)))
    assert table.get(doomed) == StoredKey(2, 0, bytes(60))
    assert len(list(table.nodes())) == 120_000
