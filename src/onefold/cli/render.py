"""What commands print: tables for people, JSON for machines, progress bars where someone watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from onefold.core.errors import Problem

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def console() -> Console:
    """Return the console of standard output; no markup is read out of data."""
    return Console(markup=False, highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print a value as one line of JSON; decimals as exact numbers, dates as ISO 8601."""
    print_bytes(_ENCODER.encode(value))


def print_bytes(line: bytes) -> None:
    """Print JSON that is encoded already, as one line."""
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.flush()


def shown(value: object) -> str:
    """Return a value as a person reads it.

    >>> shown(Decimal("1234567.50")), shown(0.25), shown(None), shown(True)
    ('1,234,567.50', '0.25', '-', 'yes')
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    if isinstance(value, (int, Decimal)):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, date) else str(value)


def percent(share: float) -> str:
    """Return a share of 0 to 1 as a percentage.

    >>> percent(0.1234), percent(1.0)
    ('12.3 %', '100.0 %')
    """
    return f"{100 * share:.1f} %"


def duration(seconds: float) -> str:
    """Return a length of time in its largest unit.

    >>> duration(0.4), duration(61), duration(7300), duration(2 * 86400)
    ('0 s', '1 min', '2 h', '2 days')
    """
    for size, unit in ((2 * 86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // (86_400 if unit == 'days' else size):.0f} {unit}"
    return f"{seconds:.0f} s"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table; numbers stand to the right."""
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    cells = [list(row) for row in rows]
    for at, heading in enumerate(headings):
        numeric = any(isinstance(row[at], (int, float, Decimal)) for row in cells)
        drawn.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(harmless(shown(value))) for value in row))
    console().print(drawn)


def harmless(text: str) -> str:
    """Return a text with what could steer a terminal shown as an escape."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def show_problems(problems: Sequence[Problem], *, as_json: bool) -> None:
    """Print every problem to standard error: what, where, why, what to do."""
    if as_json:
        listed: list[Mapping[str, object]] = [
            {"what": one.what, "where": str(one.place) or None, "why": one.why, "remedy": one.remedy}
            for one in problems
        ]
        sys.stderr.buffer.write(_ENCODER.encode({"problems": listed}) + b"\n")
        return
    for one in problems:
        where = f"{one.place}: " if str(one.place) else ""
        sys.stderr.write(f"{where}{one.what}: {one.why}\n    {one.remedy}\n")
    if len(problems) > 1:
        sys.stderr.write(f"{len(problems)} problems\n")


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """Yield a progress callback that draws bars on a terminal, and nothing elsewhere."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    tasks: dict[str, int] = {}
    with bar:

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(bar.task_ids[tasks[what]], completed=done, total=total)

        yield show
