"""Best and median of three runs; memory of the last run is freed before the next begins.

Wall time decides. Beside it stands the processor time of all threads: on a machine that others use too it varies
much less, and it shows how much of the wall time was waiting for a core.
"""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

REPEATS = 3


@dataclass(frozen=True)
class Timing:
    """Seconds of some runs of one thing, and the processor seconds of the same runs, child processes left out."""

    name: str
    seconds: tuple[float, ...]
    processor: tuple[float, ...]

    @property
    def best(self) -> float:
        """Return the shortest run's seconds."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """Return the median of the runs' seconds."""
        return statistics.median(self.seconds)


def measure(name: str, run: Callable[[], object], *, repeats: int = REPEATS) -> Timing:
    """Run something some times and return how long each run took."""
    seconds, processor = [], []
    for _ in range(repeats):
        gc.collect()
        start, used = time.perf_counter(), _processor()
        kept = run()
        seconds.append(round(time.perf_counter() - start, 4))
        processor.append(round(_processor() - used, 4))
        del kept
    return Timing(name, tuple(seconds), tuple(processor))


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
