"""The log: what it commits it serves, what it cannot vouch for it says."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.storage import RefusingStorage

from onefold.adapters.files import log as log_module
from onefold.adapters.files.frames import HEADER_BYTES, MAX_PAYLOAD, SECTOR, Header
from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.memory import MemoryStorage
from onefold.adapters.files.segments import Healed, segment_name
from onefold.adapters.files.storage import FolderStorage
from onefold.core.errors import CorruptionError, FormatError, StorageError, UserError

FIRST = segment_name("log", 1)
MARK = "log.mark"


def payloads_of(log: SegmentedLog, after: int = 0) -> list[bytes]:
    return [payload for _, payload in log.records(after)]


def read_all(storage: MemoryStorage) -> list[bytes] | CorruptionError:
    try:
        log = SegmentedLog(storage)
        assert log.healed == ()
        return payloads_of(log)
    except CorruptionError as error:
        return error


def filled(groups: list[list[bytes]], *, segment_bytes: int = 400) -> MemoryStorage:
    storage = MemoryStorage()
    with SegmentedLog(storage, segment_bytes=segment_bytes) as log:
        for group in groups:
            log.append(group)
    return storage


def without_mark(storage: MemoryStorage) -> dict[str, bytes]:
    return {name: data for name, data in storage.files().items() if name != MARK}


@settings(deadline=None)
@given(st.lists(st.lists(st.binary(max_size=200), min_size=1, max_size=4), max_size=8), st.integers(50, 600))
def test_what_was_appended_is_read_in_order(groups: list[list[bytes]], segment_bytes: int) -> None:
    storage = filled(groups, segment_bytes=segment_bytes)
    flat = [payload for group in groups for payload in group]
    log = SegmentedLog(storage, segment_bytes=segment_bytes)
    assert log.last() == len(flat)
    assert log.healed == ()
    for after in range(len(flat) + 2):
        assert list(log.records(after)) == list(enumerate(flat[after:], after + 1))
    assert list(log.verify()) == []


def test_on_real_files(tmp_path: Path) -> None:
    with SegmentedLog(FolderStorage(tmp_path), segment_bytes=100) as log:
        assert [log.append([b"a", b"b"]), log.append([b"c" * 100]), log.append([])] == [2, 3, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == [FIRST, segment_name("log", 3), MARK]
    assert payloads_of(SegmentedLog(FolderStorage(tmp_path))) == [b"a", b"b", b"c" * 100]


def test_reading_goes_on_while_writing_and_sees_what_was_committed_when_it_began() -> None:
    log = SegmentedLog(MemoryStorage(), segment_bytes=200)
    log.append([b"a"] * 3)
    reader = log.records()
    assert next(reader) == (1, b"a")
    log.append([b"b" * 300])
    log.append([b"c"])
    assert len(list(reader)) == 2
    assert len(list(log.records())) == 5


def test_opening_reads_the_last_segment_only() -> None:
    read: list[str] = []

    class Watched(MemoryStorage):
        def read(self, name: str) -> bytes:
            read.append(name)
            return super().read(name)

    files = filled([[bytes(300)]] * 5).files()
    log = SegmentedLog(Watched(files), segment_bytes=400)
    assert sorted(set(read)) == [segment_name("log", 5), MARK]
    assert len(payloads_of(log)) == 5


@pytest.mark.parametrize("keep_mark", [True, False])
def test_every_truncation_of_the_tail(*, keep_mark: bool) -> None:
    """With the watermark a lost acknowledged record is noticed; without it, whole groups are kept and the
    rest healed.
    """
    groups = [[b"one"], [b"two" * 100, b"three"], [b"four" * 300]]
    storage = filled(groups, segment_bytes=10_000)
    whole = storage.read(FIRST)
    ends = [HEADER_BYTES]
    ends += [len(filled(groups[:count], segment_bytes=10_000).read(FIRST)) for count in (1, 2, 3)]
    for cut in range(len(whole)):
        files = storage.files() if keep_mark else without_mark(storage)
        files[FIRST] = whole[:cut]
        if keep_mark:
            with pytest.raises(CorruptionError) as caught:
                SegmentedLog(MemoryStorage(files))
            assert caught.value.file == FIRST
            continue
        damaged = MemoryStorage(files)
        log = SegmentedLog(damaged)
        kept = sum(end <= cut for end in ends[1:])
        assert payloads_of(log) == [payload for group in groups[:kept] for payload in group]
        end = max([end for end in ends if end <= cut], default=0)
        assert log.healed == ((Healed(FIRST, end, cut - end),) if cut not in ends else ())
        log.append([b"next"])
        assert payloads_of(SegmentedLog(damaged))[-1] == b"next"
        assert SegmentedLog(damaged).healed == ()


def test_10000_flipped_bits() -> None:
    """Each is reported with its file and a place before its end, or changes nothing; none is served, none
    healed.
    """
    rng = random.Random(1)
    groups = [[rng.randbytes(rng.randrange(60)) for _ in range(rng.randrange(1, 4))] for _ in range(14)]
    groups += [[b"in a segment of its own" * 9], [bytes(1200)]]
    storage = filled(groups, segment_bytes=300)
    flat = [payload for group in groups for payload in group]
    files = storage.files()
    assert len(files) > 6
    bits = [(name, bit) for name, data in files.items() for bit in range(len(data) * 8)]
    reported = 0
    for name, bit in rng.sample(bits, 10_000):
        damaged = bytearray(files[name])
        damaged[bit // 8] ^= 1 << bit % 8
        found = read_all(MemoryStorage({**files, name: bytes(damaged)}))
        if isinstance(found, CorruptionError):
            assert (found.file, 0 <= found.offset <= bit // 8) == (name, True)
            reported += 1
        else:
            assert (found, name) == (flat, MARK)
    assert reported > 8_000


def test_every_flip_of_the_last_group_shows_even_without_the_watermark() -> None:
    storage = filled([[b"early"], [b"last" * 150, bytes(1100), b"end"]], segment_bytes=10_000)
    files = without_mark(storage)
    start = len(filled([[b"early"]]).read(FIRST))
    for bit in range(start * 8, len(files[FIRST]) * 8):
        damaged = bytearray(files[FIRST])
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptionError):
            SegmentedLog(MemoryStorage({FIRST: bytes(damaged)}))


def test_a_blank_sector_is_healed_unless_somebody_vouches_for_it() -> None:
    storage = filled([[b"early"], [b"last" * 500]], segment_bytes=10_000)
    torn = bytearray(storage.read(FIRST))
    torn[SECTOR : 2 * SECTOR] = bytes(SECTOR)
    start = len(filled([[b"early"]]).read(FIRST))
    log = SegmentedLog(MemoryStorage({FIRST: bytes(torn)}))
    assert payloads_of(log) == [b"early"]
    assert log.healed == (Healed(FIRST, start, len(torn) - start),)
    with pytest.raises(CorruptionError, match="does not match its checksum"):
        SegmentedLog(MemoryStorage({**storage.files(), FIRST: bytes(torn)}))


def test_a_blank_sector_before_a_later_group_is_damage() -> None:
    storage = filled([[b"early" * 300], [b"later"]], segment_bytes=10_000)
    torn = bytearray(storage.read(FIRST))
    torn[SECTOR : 2 * SECTOR] = bytes(SECTOR)
    with pytest.raises(CorruptionError, match="does not match its checksum"):
        SegmentedLog(MemoryStorage({FIRST: bytes(torn)}))


def test_a_file_that_grew_by_zeros_is_healed() -> None:
    storage = filled([[b"early"]])
    storage.append(FIRST, bytes(900))
    log = SegmentedLog(storage)
    assert payloads_of(log) == [b"early"]
    assert log.healed[0].bytes == 900


def test_damage_in_an_earlier_segment_is_met_when_it_is_read() -> None:
    storage = filled([[b"a" * 500], [b"b" * 500], [b"c" * 500]])
    files = storage.files()
    files[segment_name("log", 2)] = files[segment_name("log", 2)][:-1]
    log = SegmentedLog(MemoryStorage(files))
    assert payloads_of(log, after=2) == [b"c" * 500]
    reader = log.records()
    assert next(reader) == (1, b"a" * 500)
    with pytest.raises(CorruptionError) as caught:
        next(reader)
    assert [(found.file, found.offset) for found in log.verify()] == [(caught.value.file, caught.value.offset)]


@pytest.mark.parametrize(("lost", "when"), [(1, "opening"), (2, "reading"), (3, "opening")])
def test_a_lost_segment_is_noticed(lost: int, when: str) -> None:
    storage = filled([[b"a" * 500], [b"b" * 500], [b"c" * 500]])
    storage.remove(segment_name("log", lost))
    if when == "reading":
        with pytest.raises(CorruptionError, match="segment 3 after 2"):
            SegmentedLog(storage)
    else:
        with pytest.raises(CorruptionError, match="missing"):
            SegmentedLog(storage)


def test_a_log_that_is_gone_but_for_its_watermark_is_noticed() -> None:
    storage = filled([[b"a"]])
    storage.remove(FIRST)
    with pytest.raises(CorruptionError, match="records 1 to 1 were acknowledged and are missing"):
        SegmentedLog(storage)


def test_segments_that_changed_places_are_noticed() -> None:
    files = filled([[b"a" * 500], [b"b" * 500], [b"c" * 500]]).files()
    one, two = segment_name("log", 1), segment_name("log", 2)
    files[one], files[two] = files[two], files[one]
    assert [found.file for found in SegmentedLog(MemoryStorage(files)).verify()] == [one, two]


@pytest.mark.parametrize("size", [0, 20, HEADER_BYTES])
def test_a_segment_that_was_only_being_created_is_dropped(size: int) -> None:
    storage = filled([[b"a" * 500]])
    newborn = segment_name("log", 2)
    storage.append(newborn, bytes(size))
    log = SegmentedLog(storage)
    assert log.healed == (Healed(newborn, 0, size),)
    assert newborn not in storage.names()
    assert log.append([b"b"]) == 2
    assert payloads_of(SegmentedLog(storage)) == [b"a" * 500, b"b"]


def test_a_segment_that_is_blank_but_vouched_for_is_reported_and_kept() -> None:
    storage = filled([[b"a" * 500], [b"b"]])
    storage.truncate(segment_name("log", 2), 0)
    before = storage.files()
    with pytest.raises(CorruptionError, match="records up to 2 were acknowledged") as caught:
        SegmentedLog(storage)
    assert caught.value.file == segment_name("log", 2)
    assert storage.files() == before


def test_a_segment_with_nothing_but_its_header_is_used() -> None:
    storage = filled([[b"a" * 500]])
    storage.append(segment_name("log", 2), Header(2, 1, 77).encode())
    log = SegmentedLog(storage)
    assert log.append([b"b"]) == 2
    assert storage.names() == [segment_name("log", 1), segment_name("log", 2), MARK]


def test_a_newer_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("onefold.adapters.files.frames.VERSION", 2)
        storage = filled([[b"a"]])
    with pytest.raises(FormatError, match="Install a newer"):
        SegmentedLog(storage)


@pytest.mark.parametrize("refused", ["append", "sync"])
def test_after_a_failed_write_nothing_is_accepted_until_it_is_opened_anew(refused: str) -> None:
    storage = RefusingStorage()
    log = SegmentedLog(storage)
    log.append([b"safe"])
    storage.refuses, storage.error = refused, StorageError("the disk is full")
    with pytest.raises(StorageError, match="the disk is full"):
        log.append([b"lost" * 10])
    storage.refuses = ""
    with pytest.raises(StorageError, match="nothing more until it is opened anew: the disk is full"):
        log.append([b"more"])
    assert (log.last(), payloads_of(log)) == (1, [b"safe"])
    again = SegmentedLog(storage)
    assert payloads_of(again)[0] == b"safe"
    assert again.append([b"more"]) == len(payloads_of(again))


def test_a_watermark_that_cannot_be_written_costs_nothing_but_the_proof() -> None:
    class NoMarks(MemoryStorage):
        def append(self, name: str, data: bytes) -> None:
            if name == MARK:
                raise StorageError("full")
            super().append(name, data)

    storage = NoMarks()
    with SegmentedLog(storage) as log:
        log.append([b"a"])
        log.append([b"b"])
    assert payloads_of(SegmentedLog(storage)) == [b"a", b"b"]


def test_a_closed_log_refuses() -> None:
    log = SegmentedLog(MemoryStorage())
    log.close()
    with pytest.raises(StorageError, match="was closed"):
        log.append([b"x"])


def test_reading_only_never_writes() -> None:
    storage = filled([[b"a"], [b"b" * 50]])
    files = without_mark(storage)
    files[FIRST] = files[FIRST][:-3]
    torn = MemoryStorage(files)
    log = SegmentedLog(torn, read_only=True)
    assert (payloads_of(log), len(log.healed)) == ([b"a"], 1)
    assert torn.files() == files
    with pytest.raises(StorageError, match="reading only"):
        log.append([b"c"])
    log.close()
    assert torn.files() == files


def test_too_large_a_record_is_the_users_error_and_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log = SegmentedLog(MemoryStorage())
    with pytest.raises(UserError, match="Split it"):
        log.append([bytes(MAX_PAYLOAD + 1)])
    monkeypatch.setattr(log_module, "MAX_GROUP", 100)
    with pytest.raises(UserError):
        log.append([bytes(60), bytes(60)])
    assert log.append([bytes(30)]) == 1


@pytest.mark.parametrize("reopened", [True, False])
def test_rewriting_puts_other_payloads_in_place_and_the_old_bytes_are_gone(*, reopened: bool) -> None:
    groups = [[b"keep1", b"SECRET1" * 40], [b"keep2"], [b"SECRET2" * 40, b"keep3"], [b"keep4"]]
    storage = filled(groups, segment_bytes=300)
    log = SegmentedLog(storage, segment_bytes=300)
    log.rewrite({2: b"gone", 4: b""})
    if reopened:
        log = SegmentedLog(storage, segment_bytes=300)
    assert payloads_of(log) == [b"keep1", b"gone", b"keep2", b"", b"keep3", b"keep4"]
    assert not any(b"SECRET" in data for data in storage.files().values())
    assert log.append([b"next"]) == 7
    assert len(payloads_of(SegmentedLog(storage))) == 7
    with pytest.raises(ValueError, match="committed"):
        log.rewrite({8: b""})


def test_rewriting_that_the_disk_refuses_leaves_everything_and_stops_the_log() -> None:
    storage = RefusingStorage(filled([[b"a", b"b"]]).files())
    log = SegmentedLog(storage)
    storage.refuses, storage.error = "replace", StorageError("full")
    with pytest.raises(StorageError):
        log.rewrite({1: b"x"})
    with pytest.raises(StorageError, match="opened anew"):
        log.append([b"c"])
    storage.refuses = ""
    assert payloads_of(SegmentedLog(storage)) == [b"a", b"b"]


def test_threads_append_whole_groups() -> None:
    log = SegmentedLog(MemoryStorage(), segment_bytes=2000)

    def write(thread: int) -> None:
        for number in range(40):
            log.append([f"{thread} {number} {part}".encode() for part in range(3)])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = payloads_of(log)
    assert len(found) == 8 * 40 * 3
    for at in range(0, len(found), 3):
        assert len({payload.rsplit(b" ", 1)[0] for payload in found[at : at + 3]}) == 1
