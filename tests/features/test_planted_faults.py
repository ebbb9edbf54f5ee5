"""That the generated cases can fail: faults planted in the engine are caught, each within a few hundred cases."""

from __future__ import annotations

import numpy as np
import pytest
from tests.features.faults import FAULTS
from tests.features.parity import problems
from tests.features.planting import Fault, plant
from tests.oracles.streams import case_of

from onefold.core.errors import UserError

AT_MOST = 600
STRIDE = 101
"""From case to case, so that all aggregates come up soon."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(fault, monkeypatch)
    with np.errstate(over="ignore"):  # hashes wrap around
        cases = next((n for n in range(AT_MOST) if _differs(n * STRIDE)), None)
    assert cases is not None, "not caught"
    print(f"{fault.name}: caught by case {cases + 1}")


@pytest.mark.parametrize("module", sorted({fault.module for fault in FAULTS}))
def test_a_copy_without_a_fault_is_no_fault(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = next(fault.old for fault in FAULTS if fault.module == module)
    plant(Fault("none", module, words, words), monkeypatch)
    with np.errstate(over="ignore"):
        assert [n for n in range(60) if problems(case_of(n * STRIDE))] == []


def _differs(seed: int) -> bool:
    """Whether something differs, be it that a sum of what is absent is beyond all bounds."""
    try:
        return bool(problems(case_of(seed)))
    except UserError:
        return True
