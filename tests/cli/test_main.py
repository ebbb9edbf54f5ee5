"""Exit statuses, and what becomes of errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.acceptance.command import Onefold, alone, command, started
from tests.acceptance.shop import Shop, track

from onefold.cli import main as cli
from onefold.core.errors import StorageError


def test_a_fine_command_is_0(shop: Shop, onefold: Onefold) -> None:
    assert onefold("--help").status == 0
    assert onefold("load", "--help").status == 0
    assert onefold("check", "-w", shop.folder).status == 0


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nosuch"],
        ["genome"],
        ["genome", "u1", "--nosuch"],
        ["rejected", "list", "--limit", "many"],
        ["rejected", "list", "--limit", "0"],
        ["export", "genomes"],
    ],
)
def test_usage_is_2(onefold: Onefold, words: list[str]) -> None:
    done = onefold(*words)
    assert done.status == 2
    assert "internal fault" not in done.err


def test_usage_says_what_is_wrong(onefold: Onefold) -> None:
    assert "customer" in onefold("genome").err
    assert "--nosuch" in onefold("genome", "u1", "--nosuch").err


@pytest.mark.parametrize("before", [True, False])
def test_the_workspace_before_or_behind_the_command(shop: Shop, onefold: Onefold, *, before: bool) -> None:
    shop.send(track("login"))
    where, what = ["--workspace", shop.folder], ["genome", "u1", "--json"]
    assert onefold(*(where + what if before else what + where)).fine().json["customer"] == "user:u1"
    grouped = ["rejected", "list", "--json"]
    assert onefold(*(where + grouped if before else grouped + where)).fine().json == []


def test_what_stands_behind_the_command_wins(shop: Shop, onefold: Onefold, tmp_path: Path) -> None:
    assert onefold("-w", tmp_path, "check", "-w", shop.folder).status == 0


def test_the_current_folder_is_the_workspace(shop: Shop, onefold: Onefold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.folder)
    assert onefold("check").status == 0


def test_a_fault_of_ours_is_3_and_shows_no_trace(shop: Shop, onefold: Onefold, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("onefold.workspace.bank.read_files", broken)
    done = onefold("check", "-w", shop.folder)
    assert done.status == 3
    assert "internal fault: ZeroDivisionError in broken" in done.err
    assert "Traceback" not in done.err
    monkeypatch.setenv("ONEFOLD_DEBUG", "1")
    done = onefold("check", "-w", shop.folder)
    assert done.status == 3
    assert "Traceback" in done.err
    assert "by zero" in done.err


def test_a_refusing_disk_is_3(shop: Shop, onefold: Onefold, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StorageError("the disk is full. Free some space.")

    monkeypatch.setattr("onefold.workspace.bank.read_files", full)
    done = onefold("check", "-w", shop.folder)
    assert (done.status, done.err) == (3, "onefold: the disk is full. Free some space.\n")


def test_who_reads_our_output_may_leave(shop: Shop) -> None:
    shop.send(*(track("Unknown Event", note="x" * 100) for _ in range(2_000)))
    for words in (["--json"], []):
        pipe = " ".join(json.dumps(word) for word in command("rejected", "list", "-w", shop.folder, "--limit", "2000"))
        line = f"set -o pipefail; {pipe} {' '.join(words)} | head -c 10 > /dev/null"
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_says_that_nothing_is_lost(shop: Shop) -> None:
    path = shop.file(track("login", f"2026-05-04T09:00:00.{at:06}Z") for at in range(60_000))
    process = started("load", "-w", shop.folder, "--messages", path)
    log = shop.folder / ".onefold" / "log"
    while sum(part.stat().st_size for part in log.glob("log-*")) < 100_000:  # the first events are acknowledged
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.decode().startswith("onefold: stopped; what was acknowledged is kept")


def test_errors_for_machines(shop: Shop, onefold: Onefold) -> None:
    shop.send(track("login"))
    done = onefold("genome", "nobody", "-w", shop.folder, "--json")
    assert (done.status, done.out) == (1, "")
    [problem] = done.problems
    assert problem.keys() == {"what", "where", "why", "remedy"}
    assert problem["what"] == "the customer user:nobody"


def test_the_programme_itself() -> None:
    assert alone("--help").status == 0
    assert alone("nosuch").status == 2


def test_importing_onefold_loads_nothing_heavy() -> None:
    heavy = ("numba", "numpy", "duckdb", "sqlglot", "pyarrow", "sqlalchemy", "typer", "lmdb", "ruamel", "msgspec")
    code = f"import sys, onefold; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.stdout == "[]\n", done.stderr


def test_statuses_are_those_of_the_manual() -> None:
    assert (cli.USER, cli.USAGE, cli.FAULT) == (1, 2, 3)
