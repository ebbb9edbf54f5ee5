from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A small workspace that takes messages, with a clock of its own."""
    return Shop(tmp_path / "shop")
