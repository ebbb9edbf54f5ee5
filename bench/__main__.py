"""``python -m bench``: rows 1 to 3, 5, 6 and 9 of the targets, into ``bench/results.json``.

Rows 1 and 2 stand beside DuckDB and Polars.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bench import agree, growth, ours, peers, preview, single, timers, workload
from bench.machine import machine
from bench.report import page, table
from bench.timing import Timing, measure

HERE = Path(__file__).parent
DATA, RESULTS = HERE / ".data", HERE / "results.json"
EVENTS, EVENTS_A_CUSTOMER, SAMPLE = 10_000_000, 20, 100_000
TARGETS = {"parquet": (6.0, 2.0), "store": (20.0, 5.0)}
TARGET_US, TARGET_PREVIEW_MS = 30.0, 100.0


class Bench:
    """One run over ``events`` events in ``DATA``."""

    def __init__(self, events: int, progress: Progress) -> None:
        self.events, self.customers = events, max(1, events // EVENTS_A_CUSTOMER)
        self.parquet = DATA / f"events-{events}.parquet"
        self._bar = progress
        self._task = progress.add_task("", total=None)

    def step(self, what: str, *, of: int | None = None) -> None:
        """Say what goes on, and how much of it there is."""
        self._bar.update(self._task, description=what, total=of, completed=0)

    def done(self, so_many: int) -> None:
        """Say how much of the present step is done."""
        self._bar.update(self._task, completed=so_many)

    def time(self, name: str, run: Callable[[], object]) -> Timing:
        """Measure something and print it at once."""
        self.step(name)
        found = measure(name, run)
        figures = f"best {found.best:7.2f} s   median {found.median:7.2f} s   processor {min(found.processor):7.2f} s"
        self._bar.console.print(f"{name:<46} {figures}")
        return found

    def write_data(self) -> None:
        """Write the unsorted events, once for each size."""
        self.step("writing events")
        DATA.mkdir(exist_ok=True)
        if not self.parquet.exists():
            part = self.parquet.with_suffix(".part")
            pq.write_table(workload.table(self.events, self.customers), part, compression="zstd")
            part.replace(self.parquet)

    def agreement(self) -> list[str]:
        """Compare all engines on a sample: unsorted Parquet, the store and the snapshot against the peers."""
        self.step("comparing the engines' answers")
        path = DATA / "sample.parquet"
        pq.write_table(workload.table(SAMPLE, SAMPLE // EVENTS_A_CUSTOMER), path, compression="zstd")
        mine = agree.ours(*ours.from_parquet(path, workload.engine()))
        found = agree.differences(mine, peers.from_duckdb(peers.duckdb_connection(), f"'{path}'"), "DuckDB")
        for plan in peers.PLANS:
            other = peers.from_polars(plan, peers.polars_parquet(path)).to_arrow()
            found += agree.differences(mine, other, f"Polars {plan}")
        return found

    def from_parquet(self) -> list[Timing]:
        """Row 1: from unsorted Parquet."""
        engine, connection = workload.engine(), peers.duckdb_connection()
        timings = [
            self.time("Onefold: Parquet, frame, kernel", lambda: ours.from_parquet(self.parquet, engine)),
            self.time("DuckDB: one pass", lambda: peers.from_duckdb(connection, f"'{self.parquet}'")),
        ]
        return timings + [
            self.time(f"Polars: {plan}", partial(peers.from_polars, plan, peers.polars_parquet(self.parquet)))
            for plan in peers.PLANS
        ]

    def from_store(self) -> list[Timing]:
        """Row 2: from what each has sorted by customer already."""
        folder, path = DATA / "store", DATA / "people.snapshot"
        shutil.rmtree(folder, ignore_errors=True)
        self.step("building the timeline store", of=self.customers)
        for done in ours.build_store(folder, pq.read_table(self.parquet)):
            self.done(done)
        store, engine = ours.open_store(folder), workload.engine()
        engine.texts.add(store.texts())
        timings = [self.time("Onefold: store, one process", lambda: ours.from_store(store, engine))]
        people = sum(1 for _ in store.nodes())
        workers = ours.Workers(folder, DATA / "words.tmp", people)
        timings.append(self.time(f"Onefold: store, {ours.PROCESSES} processes", lambda: workers.read(store)))
        same = bool((workers.read(store) == ours.from_store(store, engine)).all())
        workers.close()
        self.step("writing the snapshot")
        ours.build_snapshot(path, store)
        timings.append(self.time("Onefold: flat snapshot", lambda: ours.from_snapshot(path, engine)))
        same &= bool((ours.from_snapshot(path, engine).words == ours.from_store(store, engine)).all())
        store.close()
        if not same:
            raise SystemExit("The store, its processes and the snapshot do not agree.")
        return timings + self._sorted_peers()

    def _sorted_peers(self) -> list[Timing]:
        self.step("sorting the peers' tables")
        database = DATA / "sorted.duckdb"
        database.unlink(missing_ok=True)
        connection = peers.duckdb_connection(str(database))
        connection.execute(f"CREATE TABLE events AS SELECT * FROM '{self.parquet}' ORDER BY customer")
        timings = [self.time("DuckDB: native table by customer", lambda: peers.from_duckdb(connection, "events"))]
        connection.close()
        database.unlink()
        frame = pl.read_parquet(self.parquet).sort("customer").set_sorted("customer").rechunk()
        return timings + [
            self.time(f"Polars: {plan}, in memory by customer", partial(peers.from_polars, plan, frame.lazy()))
            for plan in ("masked", "bucketed")
        ]

    def latencies(self) -> list[single.Latency]:
        """Row 3: single genomes."""
        self.step("single genomes")
        folder = DATA / "single"
        shutil.rmtree(folder, ignore_errors=True)
        return single.latencies(folder)

    def previews(self) -> list[preview.Timed]:
        """Row 9: previews over 1 M customers on kept columns."""
        self.step("previews")
        with TemporaryDirectory(dir=DATA) as folder:
            return preview.previews(Path(folder))

    def timers(self) -> timers.Figures:
        """Rows 5 and 6: timers and a wave, on one process."""
        self.step("timers and a wave")
        with TemporaryDirectory(dir=DATA) as folder:
            return timers.figures(Path(folder))

    def growth(self) -> list[growth.Point]:
        """Row 1 at several sizes."""
        found = []
        for one in growth.points(DATA):
            self._bar.console.print(f"{one.engine} {one.events:,} events: {one.seconds:.2f} s")
            found.append(one)
        return found


def best(timings: list[Timing], engine: str) -> Timing:
    return min((one for one in timings if one.name.startswith(engine)), key=lambda one: one.best)


def ratios(row: str, timings: list[Timing]) -> list[dict[str, object]]:
    mine, found = best(timings, "Onefold"), []
    for engine, target in zip(("DuckDB", "Polars"), TARGETS[row], strict=True):
        other = best(timings, engine)
        ratio = other.best / mine.best
        found.append(
            {
                "ours": mine.name, "peer": other.name, "ratio": round(ratio, 2),
                "ratio_of_medians": round(other.median / mine.median, 2),
                "ratio_of_processor": round(min(other.processor) / min(mine.processor), 2),
                "target": target, "met": ratio >= target,
            }
        )  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS, help="smaller for trying; targets are for the default")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat(), help="what to write as the date")
    parser.add_argument("--to", type=Path, default=RESULTS, help="where the results go")
    parser.add_argument("--page", type=Path, help="also write the figures as a page, for docs/performance.md")
    parser.add_argument("--growth", type=Path, help="also measure 1 to 30 M events, and draw that picture (SVG)")
    given = parser.parse_args()
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        results = run(Bench(given.events, progress), given.date, grow=given.growth is not None)
    given.to.write_text(json.dumps(results, indent=1) + "\n")
    if given.growth:
        given.growth.write_text(growth.picture([growth.Point(**one) for one in results["growth"]]))
    if given.page:
        given.page.write_text(page(results))
    console.print(table(results))


def run(bench: Bench, date: str, *, grow: bool) -> dict[str, Any]:
    bench.write_data()
    facts = machine(DATA)
    unequal = bench.agreement()
    if unequal:
        sys.exit("\n".join(unequal))
    rows = {"parquet": bench.from_parquet(), "store": bench.from_store()}
    latencies = bench.latencies()
    previews, timers = bench.previews(), bench.timers()
    growth = bench.growth() if grow else []
    return {
        "date": date,
        "machine": facts,
        "events": bench.events,
        "customers": bench.customers,
        "rows": {
            name: {
                "ratios": ratios(name, timings),
                "timings": [{**asdict(one), "best": one.best, "median": one.median} for one in timings],
            }
            for name, timings in rows.items()
        },
        "genome": {
            "target_us": TARGET_US,
            "met": latencies[0].median <= TARGET_US,
            "latencies_us": [asdict(one) for one in latencies],
        },
        "preview": {
            "target_ms": TARGET_PREVIEW_MS,
            "met": max(one.median for one in previews) <= TARGET_PREVIEW_MS,
            "latencies_ms": [asdict(one) for one in previews],
        },
        "timers": asdict(timers),
        "growth": [asdict(one) for one in growth],
    }


if __name__ == "__main__":
    main()
