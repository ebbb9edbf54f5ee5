"""The log in processes of their own: killed at random, traced call by call, given a failing flush."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.storage import FolderStorage

WRITER = str(Path(__file__).with_name("writer.py"))
strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace not installed")


def check(folder: Path, acknowledged: int) -> int:
    """Assert that the log holds every acknowledged record, whole groups only, in order; return its last."""
    log = SegmentedLog(FolderStorage(folder))
    assert log.last() >= acknowledged
    assert log.last() % 3 == 0
    for number, (seq, payload) in enumerate(log.records(), 1):
        assert (seq, payload) == (number, f"record {number} ".encode() * 9)
    log.close()
    return log.last()


def last_ack(output: str) -> int:
    """Return the number of the last complete acknowledgement line."""
    return max((int(number) for number in re.findall(r"ack (\d+)\n", output)), default=0)


def test_killed_20_times_at_random_moments_it_loses_nothing(tmp_path: Path) -> None:
    rng = random.Random(4)
    stored = 0
    for _ in range(20):
        with subprocess.Popen([sys.executable, WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            time.sleep(rng.random() * 0.05)
            process.kill()
            output = first + process.stdout.read()
        assert last_ack(output) > stored
        stored = check(tmp_path, last_ack(output))


def traced(tmp_path: Path, *options: str, groups: int = 5) -> tuple[subprocess.CompletedProcess[str], str]:
    trace = tmp_path / "trace"
    command = [
        "strace",
        "-f",
        "-y",
        "-o",
        str(trace),
        *options,
        sys.executable,
        WRITER,
        str(tmp_path / "log"),
        str(groups),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done, trace.read_text()


@strace
def test_no_acknowledgement_leaves_before_the_flush_that_covers_it(tmp_path: Path) -> None:
    done, trace = traced(tmp_path, "-e", "trace=write,fdatasync,fsync")
    assert done.returncode == 0
    unsynced: set[str] = set()
    acknowledged = 0
    for line in trace.splitlines():
        call = re.search(r"(write|fdatasync|fsync)\(\d+<([^>]*)>(.*)", line)
        if call is None:
            continue
        kind, path, rest = call.groups()
        if rest.startswith(', "ack '):
            assert not unsynced, line
            acknowledged += 1
        elif path.endswith(".seg"):
            if kind == "write":
                unsynced.add(path)
            else:
                assert rest.rstrip().endswith("= 0"), line
                unsynced.discard(path)
    assert acknowledged == 5
    assert re.search(r"fsync\(\d+<[^>]*/log>\)", trace), "the name in the folder was not made durable"


@strace
@pytest.mark.parametrize("when", [1, 2, 4])
def test_after_a_failed_flush_the_process_acknowledges_nothing_and_the_next_one_recovers(
    tmp_path: Path, when: int
) -> None:
    done, _ = traced(tmp_path, "-e", f"inject=fdatasync:error=EIO:when={when}", "-e", "trace=fdatasync", groups=20)
    assert done.returncode == 3
    assert "the disk reports an input/output error" in done.stderr
    assert done.stdout.count("ack") == max(when - 2, 0)  # the first flush is that of the segment's header
    stored = check(tmp_path / "log", last_ack(done.stdout))
    again = subprocess.run([sys.executable, WRITER, str(tmp_path / "log"), "2"], capture_output=True, text=True)
    assert last_ack(again.stdout) == stored + 6
    check(tmp_path / "log", stored + 6)
