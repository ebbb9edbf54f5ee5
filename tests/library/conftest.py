"""A bank that declares the whole vocabulary and includes the whole library, with a customer made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.command import Onefold, in_process
from tests.acceptance.shop import Shop
from tests.library.compiled import LIBRARY
from tests.library.customer import NOW, messages

VOCABULARY = (LIBRARY / "vocabulary.yaml").read_text(encoding="utf-8")


def shop_of(folder: Path, features: str, events: str = VOCABULARY) -> Shop:
    """Return a bank with these events and one features file."""
    shop = Shop(folder, {"events.yaml": events, "features/all.yaml": features})
    shop.clock.set(NOW)
    return shop


@pytest.fixture
def onefold(capfd: pytest.CaptureFixture[str]) -> Onefold:
    """The command line, run in this process."""
    return in_process(capfd)


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The bank, loaded; tests leave it as it is."""
    shop = shop_of(tmp_path_factory.mktemp("library") / "bank", "include: standard\n")
    report = shop.send(*messages(), history=True)
    assert not sum(one.rejected for one in report.sources)
    return shop
