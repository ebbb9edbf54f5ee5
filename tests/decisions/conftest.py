from __future__ import annotations

import pytest
from tests.decisions.bank import Bank, make_bank


@pytest.fixture(scope="session")
def bank() -> Bank:
    """A small bank in UTC and EUR."""
    return make_bank()
