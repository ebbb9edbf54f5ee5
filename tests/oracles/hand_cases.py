"""Worked examples of SEMANTICS sections 2 and 3, every value and next_change found by hand.

For the oracle and for the engine: ``HAND_CASES`` is the whole table, ``SCHEMA`` what its events look like.
"""

from __future__ import annotations

from tests.oracles.hand import SCHEMA, HandCase
from tests.oracles.hand_calendar import CALENDAR_CASES
from tests.oracles.hand_known import KNOWN_CASES
from tests.oracles.hand_reductions import REDUCTION_CASES
from tests.oracles.hand_values import VALUE_CASES
from tests.oracles.hand_windows import WINDOW_CASES

HAND_CASES: list[HandCase] = [*WINDOW_CASES, *CALENDAR_CASES, *KNOWN_CASES, *VALUE_CASES, *REDUCTION_CASES]

__all__ = ["HAND_CASES", "SCHEMA", "HandCase"]
