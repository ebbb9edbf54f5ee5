"""The command line as a test calls it: in this process, or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from onefold.cli.main import run

MAIN = "import sys; from onefold.cli.main import main; main(sys.argv[1:])"


@dataclass(frozen=True)
class Done:
    """What a command left: its exit status, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one line of JSON on standard output."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)

    @property
    def problems(self) -> list[dict[str, str]]:
        """The problems that ``--json`` writes to standard error."""
        found: list[dict[str, str]] = json.loads(self.err)["problems"]
        return found

    def fine(self) -> Done:
        """Return itself, having checked that all went well."""
        assert self.status == 0, self.err
        return self


Onefold = Callable[..., Done]


def in_process(capfd: pytest.CaptureFixture[str]) -> Onefold:
    """Return a function that runs ``onefold`` with some words in this process."""

    def onefold(*words: object) -> Done:
        capfd.readouterr()
        status = run([str(word) for word in words])
        out, err = capfd.readouterr()
        return Done(status, out, err)

    return onefold


def command(*words: object) -> list[str]:
    """Return the command that runs ``onefold`` in a process of its own."""
    return [sys.executable, "-c", MAIN, *map(str, words)]


def alone(*words: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> Done:
    """Run ``onefold`` in a process of its own, to its end."""
    done = subprocess.run(command(*words), cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, timeout=120)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def started(*words: object) -> subprocess.Popen[bytes]:
    """Start ``onefold`` in a process of its own."""
    return subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of an export in JSON lines, sorted by customer."""
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    return sorted(rows, key=lambda row: str(row["customer"]))


def sorted_lines(path: Path) -> Sequence[bytes]:
    """Return the raw lines of an export, sorted: byte for byte comparable."""
    return sorted(path.read_bytes().splitlines())
