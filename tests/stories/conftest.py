from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.command import Onefold, in_process
from tests.stories.telling import Story, Teller


@pytest.fixture
def onefold(capfd: pytest.CaptureFixture[str]) -> Onefold:
    """The command line, run in this process."""
    return in_process(capfd)


@pytest.fixture
def tell(tmp_path: Path, onefold: Onefold) -> Iterator[Teller]:
    """Yield a function that makes the bank of a story out of its definition files."""
    told: list[Story] = []

    def teller(**files: str) -> Story:
        told.append(Story.told(tmp_path / f"bank{len(told)}", onefold, files))
        return told[-1]

    yield teller
    for story in told:
        story.shop.bank.close()
