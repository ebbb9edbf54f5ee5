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
REAL = "../shared/data"
"""Where pages look for real records, as seen from the root of a checkout; they are no part of the project."""


@pytest.mark.parametrize("page", MARKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands(page: Path, tmp_path: Path) -> None:
    """All marked blocks of a page, one after another, in a folder with an untouched copy of the examples."""
    folder = _checkout(page, tmp_path)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("COLUMNS", None)
    for block in blocks(page, "console"):
        for step in steps(block.body) if block.run else ():
            command = step.command
            done = subprocess.run(
                command, shell=True, cwd=folder, env=environment, text=True, capture_output=True, timeout=600
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            got = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
            same = doctest.OutputChecker().check_output(step.expected, got, doctest.ELLIPSIS)
            assert same, f"{page.name}, line {block.line}: {command} printed\n{got}"


def _checkout(page: Path, within: Path) -> Path:
    """Make the folder in which a page's commands run; skip the page where real records that it asks for are absent."""
    folder = within / "checkout"
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns(".onefold"))
    if any(REAL in block.body for block in blocks(page, "console") if block.run):
        if not (ROOT / REAL).is_dir():
            pytest.skip(f"real data not present: {REAL}")
        (folder / REAL).parent.mkdir(parents=True, exist_ok=True)
        (folder / REAL).symlink_to((ROOT / REAL).resolve(), target_is_directory=True)
    return folder


def test_ci_runs_the_commands_of_the_readme() -> None:
    """The blocks in ``sh`` are for people at the root of a checkout; .ci/run makes each of them there."""
    commands = [line for block in blocks(ROOT / "README.md", "sh") for line in block.body.splitlines()]
    made = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands
    assert [command for command in commands if command not in made] == []
