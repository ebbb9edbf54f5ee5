"""What the figures were measured on: without it they mean nothing."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

from bench.timing import percentile

PACKAGES = ("numba", "numpy", "pyarrow", "lmdb", "duckdb", "polars")
SYNCS = 300


def machine(folder: Path) -> dict[str, object]:
    """Return cores, processor, versions, load, and what an fsync of 4 KiB in ``folder`` takes (milliseconds)."""
    synced = _fsyncs(folder)
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "fsync_ms": {"p50": percentile(synced, 0.5), "p99": percentile(synced, 0.99)},
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _fsyncs(folder: Path) -> list[float]:
    path, spent = folder / "fsync.tmp", []
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(4096))
            start = time.perf_counter()
            os.fsync(file.fileno())
            spent.append(round((time.perf_counter() - start) * 1e3, 3))
    path.unlink()
    return spent
