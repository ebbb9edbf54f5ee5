from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.command import Onefold, in_process
from tests.acceptance.czech import CzechBank, load_czech
from tests.acceptance.shop import Shop

BERKA = Path(__file__).parents[3] / "shared" / "data" / "berka"


@pytest.fixture
def onefold(capfd: pytest.CaptureFixture[str]) -> Onefold:
    """The command line, run in this process."""
    return in_process(capfd)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A small workspace that takes messages, with a clock of its own."""
    return Shop(tmp_path / "shop")


@pytest.fixture(scope="session")
def berka() -> Path:
    """The folder of the real records."""
    if not BERKA.is_dir():
        pytest.skip("real data not present: ../shared/data")
    return BERKA


@pytest.fixture(scope="session")
def czech(berka: Path, tmp_path_factory: pytest.TempPathFactory) -> CzechBank:
    """The Czech bank, loaded once."""
    return load_czech(tmp_path_factory.mktemp("czech") / "bank", berka)
