from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from onefold.workspace.collecting import collecting_seldom


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("first", "meanwhile"), [(700, 50_000), (80_000, 80_000), (0, 0)])
def test_it_collects_more_seldom_and_then_as_before(first: int, meanwhile: int) -> None:
    gc.set_threshold(first, 11, 12)
    with collecting_seldom():
        assert gc.get_threshold() == (meanwhile, 11, 12)
        with collecting_seldom():
            assert gc.get_threshold() == (meanwhile, 11, 12)
    assert gc.get_threshold() == (first, 11, 12)


def test_it_collects_as_before_after_an_error() -> None:
    gc.set_threshold(700, 11, 12)
    with pytest.raises(KeyError), collecting_seldom():
        raise KeyError
    assert gc.get_threshold() == (700, 11, 12)
