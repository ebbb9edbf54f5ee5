from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.adapters.files import columns as module
from onefold.adapters.files.column_head import Head
from onefold.adapters.files.columns import GenomeFile, Rows, column_lock, open_genomes, part_of, write_genomes
from onefold.core.errors import StorageError

HEAD = Head("ours", 3, 7, 100, 90)


def rows(customers: list[int], value: int = 0) -> Rows:
    """Rows of customers whose first eight bytes are the same for every four of them."""
    roots = [(one // 4).to_bytes(8, "big") + (one % 4).to_bytes(8, "big") for one in customers]
    words = np.array([[one, one * 10, value] for one in customers], np.int64).reshape(-1, 3)
    return Rows(
        np.frombuffer(b"".join(roots), np.uint8).reshape(-1, 16), words,
        np.array([one + 5 for one in customers], np.int64), np.array([one % 3 > 0 for one in customers], bool),
    )  # fmt: skip


def read(file: GenomeFile) -> list[tuple[bytes, list[int], int, bool]]:
    found = []
    for block in file.blocks():
        for at in range(len(block)):
            told = block.words[:, at].tolist(), int(block.due[at]), bool(block.present[at])
            found.append((block.roots[at].tobytes(), *told))
    return found


def expected(kept: Rows) -> list[tuple[bytes, list[int], int, bool]]:
    return [
        (kept.roots[at].tobytes(), kept.words[at].tolist(), int(kept.due[at]), bool(kept.present[at]))
        for at in range(len(kept))
    ]


def opened(path: Path) -> GenomeFile:
    return open_genomes(path, identity="ours", columns=3)


@given(
    customers=st.sets(st.integers(0, 60), max_size=40),
    changed=st.sets(st.integers(0, 60), max_size=20),
    sizes=st.lists(st.integers(0, 9), max_size=8),
    block=st.sampled_from([8, 16, 64]),
)
def test_what_was_written_changed_and_added_is_read(
    tmp_path_factory: pytest.TempPathFactory, customers: set[int], changed: set[int], sizes: list[int], block: int
) -> None:
    path = tmp_path_factory.mktemp("columns") / "genomes"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        every = rows(sorted(customers))
        edges = [0, *np.cumsum(sizes).tolist(), 100]
        write_genomes(path, HEAD, [part_of(every, slice(*edge)) for edge in pairwise(edges)])
        file = opened(path)
        assert read(file) == expected(every)
        assert (file.head.rows, file.head.ordered, file.head.seq, file.head.torn) == (len(every), len(every), 7, False)

        again = rows(sorted(changed), value=9)
        names = [root.tobytes() for root in again.roots]
        places = file.places(names)
        there = places >= 0
        assert there.tolist() == [one in customers for one in sorted(changed)]
        file.update(places[there], part_of(again, there), part_of(again, ~there), seq=8, now=101)
        wanted = {row[0]: row for row in [*expected(every), *expected(again)]}
        for one in (file, opened(path)):
            assert {row[0]: row for row in read(one)} == wanted
            assert len(read(one)) == len(wanted) == one.head.rows
            assert (one.head.ordered, one.head.seq, one.head.now, one.head.built) == (len(every), 8, 101, 90)
        assert (opened(path).places(names) >= 0).all()
        assert file.roots_at(file.places(names).tolist()) == names


def test_one_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "genomes"
    write_genomes(path, HEAD, [rows([1, 2, 3])])
    for identity, columns in (("others", 3), ("ours", 4)):
        with pytest.raises(StorageError, match="other definitions"):
            open_genomes(path, identity=identity, columns=columns)
    with pytest.raises(StorageError, match="No such file"):
        opened(tmp_path / "none")
    raw = path.read_bytes()
    for bad, why in (
        (raw[:-1], "do not hold"), (raw + b"x", "do not hold"), (b"", "cannot be read"), (raw[:10], "cannot be read"),
        (b"x" + raw[1:], "head"), (raw[:60] + b"x" + raw[61:], "head"),
    ):  # fmt: skip
        path.write_bytes(bad)
        with pytest.raises(StorageError, match=why):
            opened(path)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "genomes"
    write_genomes(path, HEAD, [rows([1])])

    def dies() -> object:
        yield rows([5, 6])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_genomes(path, HEAD, dies())  # type: ignore[arg-type]
    assert [one.name for one in tmp_path.iterdir()] == ["genomes"]
    assert read(opened(path)) == expected(rows([1]))
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_update_that_was_cut_off_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "genomes"
    write_genomes(path, HEAD, [rows([1, 2])])
    file = opened(path)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(GenomeFile, "_put", dies)
    with pytest.raises(KeyboardInterrupt):
        file.update(np.array([0]), rows([1], 9), rows([]), seq=8, now=101)
    with pytest.raises(StorageError, match="not left in order"):
        opened(path)


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    waited: list[int] = []
    with column_lock(tmp_path / "a", wait=0, give_up=lambda: None) as first:
        assert first
        with column_lock(tmp_path / "a", wait=0.02, give_up=lambda: waited.append(1)) as second:
            assert not second
        with column_lock(tmp_path / "b", wait=0, give_up=lambda: None) as other:
            assert other
    assert waited
    with column_lock(tmp_path / "a", wait=0, give_up=lambda: None) as again:
        assert again
