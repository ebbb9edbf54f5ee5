"""The commands that the documentation shows run as they stand, and print what stands below them."""

from __future__ import annotations

import doctest
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.blocks import ROOT, blocks, pages, steps

MARKED = [page for page in pages() if any(block.run for block in blocks(page, "console"))]


@pytest.mark.parametrize("page", MARKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands(page: Path, tmp_path: Path) -> None:
    """All marked blocks of a page, one after another, in a folder with an untouched copy of the examples."""
    ignored = shutil.ignore_patterns(".onefold")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=ignored)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("COLUMNS", None)
    for block in blocks(page, "console"):
        for step in steps(block.body) if block.run else ():
            command = step.command
            done = subprocess.run(
                command, shell=True, cwd=tmp_path, env=environment, text=True, capture_output=True, timeout=100
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            got = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
            same = doctest.OutputChecker().check_output(step.expected, got, doctest.ELLIPSIS)
            assert same, f"{page.name}, line {block.line}: {command} printed\n{got}"


def test_ci_runs_the_commands_of_the_readme() -> None:
    """The blocks in ``sh`` are for people at the root of a checkout; .ci/run makes each of them there."""
    commands = [line for block in blocks(ROOT / "README.md", "sh") for line in block.body.splitlines()]
    made = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands
    assert [command for command in commands if command not in made] == []
