"""The results as a table for the terminal and as a page for the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

Results = Mapping[str, Any]
TITLES = {"parquet": "from unsorted Parquet", "store": "from what is sorted by customer"}


def lines(results: Results) -> Iterator[tuple[str, str, str, str]]:
    """Yield (what, figure, target, verdict)."""
    for name, row in results["rows"].items():
        for one in row["ratios"]:
            figure = f"{one['ratio']:.1f}x (medians {one['ratio_of_medians']:.1f}x)"
            what = f"{TITLES[name]}: {one['ours']} / {one['peer']}"
            yield what, figure, f">= {one['target']:.0f}x", "met" if one["met"] else "MISSED"
    genome = results["genome"]
    for at, one in enumerate(genome["latencies_us"]):
        figure = f"{one['median']:.1f} us, p99 {one['p99']:.1f} us"
        verdict = "" if at else "met" if genome["met"] else "MISSED"
        yield one["name"], figure, "" if at else f"<= {genome['target_us']:.0f} us", verdict

    for one in results["preview"]["latencies_ms"]:
        verdict = "met" if one["median"] <= results["preview"]["target_ms"] else "MISSED"
        figure = f"{one['median']:.1f} ms, p99 {one['p99']:.1f} ms; with overlaps {one['with_overlap']:.0f} ms"
        yield f"preview over 1 M customers: {one['name']}", figure, "<= 100 ms", verdict
    yield from _of_timers(results["timers"])


def _of_timers(one: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    share, known = one["flipped"], f"{one['segments']} segments of {one['conditions']} conditions"
    yield f"firings that flip something, {known}", f"{share:.0%}", ">= 80 %", "met" if share >= 0.8 else "MISSED"
    waves = {int(size): seconds for size, seconds in one["wave_s"].items()}
    for (size, seconds), target in zip(waves.items(), (1.0, 3.0), strict=True):
        verdict = "met" if seconds <= target else "MISSED"
        yield f"{size:,} exits at one instant, {known}", f"{seconds:.1f} s", f"<= {target:.0f} s", verdict
    yield "a batch of the wave (1,000 customers)", f"{one['batch_ms']:.0f} ms", "", ""
    yield "memberships / timer, a customer of a batch", f"{one['member_us']:.0f} / {one['timer_us']:.0f} us", "", ""
    yield "memberships / timer, one alone", f"{one['one_member_ms']:.2f} / {one['one_timer_ms']:.2f} ms", "", ""


def table(results: Results) -> Table:
    """Return the table of targets."""
    found = Table("what", "figure", "target", "", title=_title(results))
    for line in lines(results):
        found.add_row(*line)
    return found


def page(results: Results) -> str:
    """Return ``docs/performance.md``."""
    facts = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    fsync = facts["fsync_ms"]
    text = [
        "# Performance",
        "",
        "Written by `make bench`; the workload is `bench/workload.yaml`: ten event types with two filters each, five",
        "windows a filter, 100 features. Before anything is timed all engines give the same answers for every feature",
        "and customer of a sample. Best and median of three runs. Why it is so: `docs/adr/0006-engine-speed.md`.",
        "",
        f"{_title(results)}, {results['date']}. {facts['cores']} cores, {facts['cpu']}, {facts['memory_gb']} GB,",
        f"load {facts['load_average']} at the start, fsync {fsync['p50']} ms (p99 {fsync['p99']} ms), Python",
        f"{facts['python']}, {versions}.",
        "",
        "| what | figure | target | |",
        "|---|---|---|---|",
        *(f"| {' | '.join(line)} |" for line in lines(results)),
        "",
        "| measured | best, s | median, s | processor, s |",
        "|---|---|---|---|",
    ]
    text += [
        f"| {one['name']} | {one['best']:.2f} | {one['median']:.2f} | {min(one['processor']):.2f} |"
        for row in results["rows"].values()
        for one in row["timings"]
    ]
    if results["growth"]:
        text += ["", "![Seconds for 100 features by events](growth.svg)", ""]
    return "\n".join(
        [*text, "", "Processor seconds are those of all threads of the process; child processes are left out.", ""]
    )


def _title(results: Results) -> str:
    return f"{results['events']:,} events, {results['customers']:,} customers"
