"""The tiny bank, loaded once as its README says, in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.docs.blocks import ROOT

import onefold

EXAMPLE = ROOT / "examples" / "tiny-bank"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds ``tiny-bank``, loaded."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(EXAMPLE, folder / "tiny-bank", ignore=shutil.ignore_patterns(".onefold"))
    with onefold.open(folder / "tiny-bank") as bank:
        bank.load(history=True)
        bank.load_messages([EXAMPLE / "data" / "messages.jsonl"], history=True)
        bank.load_messages([EXAMPLE / "data" / "late.jsonl"])
    return folder
