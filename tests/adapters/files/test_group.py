"""Group commit: one flush for many threads, each thread's payloads together, failures told to all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from tests.oracles.storage import RefusingStorage

from onefold.adapters.files.frames import MAX_PAYLOAD
from onefold.adapters.files.group import Busy, GroupCommit
from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.memory import MemoryStorage
from onefold.core.errors import StorageError, UserError


class SlowLog:
    """A log whose commits take two milliseconds, and which counts them."""

    def __init__(self) -> None:
        self.inner = SegmentedLog(MemoryStorage())
        self.commits = 0
        self.gate = threading.Event()
        self.gate.set()

    def append(self, payloads: Sequence[bytes]) -> int:
        self.commits += 1
        self.gate.wait()
        time.sleep(0.002)
        return self.inner.append(payloads)

    def last(self) -> int:
        return self.inner.last()

    def records(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        return self.inner.records(after)


@pytest.mark.parametrize("linger", [0.0, 1.0])
def test_eight_threads_share_commits_and_stay_contiguous(linger: float) -> None:
    log = SlowLog()
    group = GroupCommit(log, linger_ms=linger)
    answers: dict[int, list[bytes]] = {}

    def write(thread: int) -> None:
        for number in range(30):
            payloads = [f"{thread} {number} {part}".encode() for part in range(1 + number % 3)]
            last = group.submit(payloads)
            answers[last - len(payloads) + 1] = payloads

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = [payload for _, payload in log.records()]
    assert [payload for first in sorted(answers) for payload in answers[first]] == stored
    assert all(stored[first - 1 : first - 1 + len(payloads)] == payloads for first, payloads in answers.items())
    assert len(answers) == 240
    assert log.commits < 120


def test_a_single_thread_needs_no_company() -> None:
    group = GroupCommit(SegmentedLog(MemoryStorage()))
    assert [group.submit([b"a"]), group.submit([b"b", b"c"]), group.submit([])] == [1, 3, 3]


def test_a_full_queue_says_so() -> None:
    log = SlowLog()
    log.gate.clear()
    group = GroupCommit(log, max_waiting=4)
    threads = [threading.Thread(target=group.submit, args=([b"x", b"y"],)) for _ in range(3)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    with pytest.raises(Busy, match="4 records wait"):
        group.submit([b"z"])
    log.gate.set()
    for thread in threads:
        thread.join()
    assert group.submit([b"z"]) == 7


def test_every_waiting_thread_hears_of_a_failure() -> None:
    storage = RefusingStorage()
    group = GroupCommit(SegmentedLog(storage), linger_ms=20)
    storage.refuses, storage.error = "sync", StorageError("the disk is full")
    errors: list[str] = []

    def write() -> None:
        try:
            group.submit([b"x"])
        except StorageError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 4
    assert all("the disk is full" in error for error in errors)


def test_a_faulty_submission_does_not_fail_its_neighbours() -> None:
    group = GroupCommit(SegmentedLog(MemoryStorage()), linger_ms=30)
    outcomes: list[object] = []

    def write(payload: bytes) -> None:
        try:
            outcomes.append(group.submit([payload]))
        except UserError:
            outcomes.append("refused")

    threads = [threading.Thread(target=write, args=(text,)) for text in (b"a", bytes(MAX_PAYLOAD + 1), b"b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["1", "2", "refused"]


def test_an_interrupted_leader_hands_over() -> None:
    class Interrupted(SlowLog):
        def append(self, payloads: Sequence[bytes]) -> int:
            if self.commits == 0:
                self.commits = 1
                raise KeyboardInterrupt
            return super().append(payloads)

    group = GroupCommit(Interrupted())
    with pytest.raises(KeyboardInterrupt):
        group.submit([b"a"])
    assert group.submit([b"b"]) == 1
