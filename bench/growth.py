"""How the time for 100 features grows with the events, ours beside the peers': figures, and a picture of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from bench import ours, peers, workload
from bench.timing import measure

SIZES = (1_000_000, 3_000_000, 10_000_000, 30_000_000)
EVENTS_A_CUSTOMER = 20
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 400, 70, 50, 20, 130
COLOURS = {"Onefold": "#0b7285", "Polars": "#e8590c", "DuckDB": "#5f3dc4"}
SHAPES = {"Onefold": "circle", "Polars": "square", "DuckDB": "diamond"}


@dataclass(frozen=True)
class Point:
    """Seconds of one run, from unsorted Parquet of so many events."""

    engine: str
    events: int
    seconds: float


def points(folder: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[Point]:
    """Measure every engine at every size; each writes its own result as it likes."""
    for events in sizes:
        path = folder / f"growth-{events}.parquet"
        pq.write_table(workload.table(events, events // EVENTS_A_CUSTOMER), path, compression="zstd")
        for name, run in _runs(path):
            yield Point(name, events, round(measure(name, run, repeats=1).best, 3))
        path.unlink()


def _runs(path: Path) -> list[tuple[str, Callable[[], object]]]:
    engine, connection = workload.engine(), peers.duckdb_connection()
    best = "bucketed"  # the fastest of the three plans on this workload
    return [
        ("Onefold", lambda: ours.from_parquet(path, engine)),
        ("Polars", lambda: peers.from_polars(best, peers.polars_parquet(path))),
        ("DuckDB", lambda: peers.from_duckdb(connection, f"'{path}'")),
    ]


def picture(found: list[Point]) -> str:
    """Return the points as an SVG with logarithmic axes; shapes tell the engines apart where colours do not."""
    events = sorted({one.events for one in found})
    low, high = min(one.seconds for one in found), max(one.seconds for one in found)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))

    def x(value: int) -> float:
        span = math.log(events[-1] / events[0]) or 1.0
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(value / events[0]) / span

    def y(seconds: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (math.log10(seconds) - first) / (last - first)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="Seconds by events, Onefold, Polars and DuckDB">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for power in range(first, last + 1):
        at = y(10.0**power)
        lines.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#dee2e6"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    lines += [
        f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{value // 10**6} M</text>'
        for value in events
    ]
    middle = (LEFT + WIDTH - RIGHT) / 2
    lines.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">events, 20 a customer</text>')
    for engine, colour in COLOURS.items():
        mine = sorted((one.events, one.seconds) for one in found if one.engine == engine)
        path = " ".join(f"{x(value):.1f},{y(seconds):.1f}" for value, seconds in mine)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [_mark(SHAPES[engine], x(value), y(seconds), colour) for value, seconds in mine]
        value, seconds = mine[-1]
        said = f"{engine} {seconds:.3g} s"
        lines.append(f'<text x="{x(value) + 10:.1f}" y="{y(seconds) + 4:.1f}" fill="{colour}">{said}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _mark(shape: str, x: float, y: float, colour: str) -> str:
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    turned = f' transform="rotate(45 {x:.1f} {y:.1f})"' if shape == "diamond" else ""
    return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"{turned}/>'
