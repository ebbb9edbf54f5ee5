"""The wall clock of the machine, as the only place that reads it."""

from __future__ import annotations

import time


def system_clock() -> int:
    """Return the present instant, in microseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1000
