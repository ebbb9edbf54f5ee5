"""New workspaces: a starter's definition files, with (``simulate``) or without (``init``) a simulated bank's data."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, TextIO

from onefold.core.errors import Problem, Problems, StorageError, UserError
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.files import ROOT

if TYPE_CHECKING:
    from onefold.simulator.block import Block
    from onefold.simulator.period import Period

DAYS, END = 120, date(2026, 6, 30)
MAX_CUSTOMERS, MAX_DAYS = 10_000_000, 1_096
_EARLIEST, _LATEST = date(1990, 1, 1), date(2150, 1, 1)
_LABEL = "# SIMULATED: no customer of this bank exists; `onefold simulate` made all of its data.\n"
_ABOUT_VARIABLE = "          # `onefold load --var data=DIR` says where; .gz, .zip, Parquet, JSON work too"
_DEMO = "truth/demo.csv"
_MESSAGES = "messages/three_mortgage_pages.jsonl"
_PAGES = (("/mortgage", 45), ("/mortgage/calculator", 130), ("/mortgage/rates", 60))


@dataclass(frozen=True, slots=True)
class Started:
    """A workspace that was begun: its folder, and the files in it."""

    folder: str
    lean: bool
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """A customer for a demonstration: the moments before and after three mortgage pages, and the file of these."""

    customer: str
    before: str
    after: str
    messages: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated bank that was written: ``last`` is the last day with data, ``rows`` are counted by file.

    ``demo`` is None where no customer fits.
    """

    folder: str
    customers: int
    seed: int
    first: str
    last: str
    rows: Mapping[str, int]
    demo: Demo | None
    simulated: bool = True


def init(folder: Path, *, lean: bool = False) -> Started:
    """Write a commented starter workspace into an empty or new folder.

    Raises :class:`UserError` where the folder holds anything, and :class:`StorageError` where the disk refuses.
    """
    _refuse_used(folder)
    texts = starter_files("lean" if lean else "full")
    _write(folder, texts)
    return Started(str(folder), lean, tuple(sorted(texts)))


def starter_files(which: str) -> dict[str, str]:
    """Return the files of a starter (``full``, ``lean``) by their path, as text."""
    found = dict(_walk(files("onefold.starter") / which, ""))
    return {**found, ".gitignore": ".onefold/\n"}


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_text(encoding="utf-8")


def simulate(
    folder: Path, *, customers: int, seed: int, days: int = DAYS, end: date = END, progress: Progress = silent
) -> Simulated:
    """Write a simulated bank into an empty or new folder: definitions, raw files, and the truth behind them.

    ``end`` is the last of the ``days``. The same arguments give the same bytes; a customer is the same whatever
    ``customers`` is. Raises :class:`UserError` for a folder that holds anything and numbers out of range.
    """
    from onefold.simulator.period import Period

    _refuse_numbers(customers, seed, days, end)
    _refuse_used(folder)
    period = Period.ending(end, days=days)
    with _disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        written = _Written()
        for block in _write_blocks(folder, customers, seed, period):
            written.add(block)
            progress("Simulating customers", written.rows["customers"], customers)
    who = written.fit or written.usable
    demo = _demo(who, period) if who else None
    done = Simulated(str(folder), customers, seed, str(period.first), str(end), written.rows, demo)
    _write(folder, _definitions() | _about(done, period))
    return done


def suggested(folder: Path) -> Demo | None:
    """Return the demo customer that a simulated bank names; None where it names none, or is no simulated bank."""
    try:
        with (folder / _DEMO).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except FileNotFoundError:
        return None
    return Demo(**rows[0]) if rows else None


@dataclass(slots=True)
class _Written:
    """What was written so far, and the first customers who are fit, or at least usable, for a demonstration."""

    rows: dict[str, int] = field(default_factory=dict)
    fit: str | None = None
    usable: str | None = None

    def add(self, block: Block) -> None:
        """Count a block."""
        for name, count in block.rows.items():
            self.rows[name] = self.rows.get(name, 0) + count
        self.fit = self.fit or next(iter(block.fit), None)
        self.usable = self.usable or next(iter(block.usable), None)


def _write_blocks(folder: Path, customers: int, seed: int, period: Period) -> Iterator[Block]:
    """Write the customers block by block, so that memory does not grow with their number."""
    import numpy as np

    from onefold.simulator.block import BLOCK, FILES, TRUTH, simulate_block

    with ExitStack() as stack:

        def opened(name: str, header: tuple[str, ...]) -> TextIO:
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            file = stack.enter_context(path.open("x", encoding="utf-8", newline="\n"))
            file.write(",".join(header) + "\n")
            return file

        data = {name: opened(f"data/{name}.csv", header) for name, header in FILES.items()}
        truth = opened("truth/customers.csv", TRUTH)
        for number, first in enumerate(range(0, customers, BLOCK)):
            dice = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))
            block = simulate_block(dice, period, first=first + 1, size=min(BLOCK, customers - first))
            for name, lines in block.lines.items():
                data[name].write(lines)
            truth.write(block.truth)
            yield block


def _definitions() -> dict[str, str]:
    """Return the starter's definitions, labelled, its sources reading the folder beside them."""
    found = starter_files("full")
    del found["README.md"]
    for name, text in found.items():
        if name.startswith("sources/"):
            found[name] = _LABEL + text.replace("${data}/", "data/").replace(_ABOUT_VARIABLE, "")
    found[ROOT] = _LABEL + found[ROOT].replace("name: My bank", "name: Simulated bank")
    return found


def _demo(customer: str, period: Period) -> Demo:
    return Demo(customer, f"{period.after}T09:00:00Z", f"{period.after}T09:10:00Z", _MESSAGES)


def _about(done: Simulated, period: Period) -> dict[str, str]:
    """Return what tells people what they have before them, and the demo customer with her messages."""
    demo = done.demo
    texts = dict(_walk(files("onefold.starter") / "simulated", ""))
    steps = Template(texts.pop("demo.md"))
    shown = {
        "customers": f"{done.customers:,}",
        "seed": str(done.seed),
        "first": done.first,
        "last": done.last,
        "morning": str(period.after),
        "demo": steps.substitute(_fields(demo)) if demo else "# none of so few customers is fit for a demonstration\n",
    }
    texts["README.md"] = Template(texts["README.md"]).substitute(shown)
    header = "customer,before,after,messages\n"
    texts[_DEMO] = header + (",".join(_fields(demo).values()) + "\n" if demo else "")
    if demo:
        texts[_MESSAGES] = _three_pages(demo.customer, period)
    return texts


def _fields(demo: Demo) -> dict[str, str]:
    return {"customer": demo.customer, "before": demo.before, "after": demo.after, "messages": demo.messages}


def _three_pages(customer: str, period: Period) -> str:
    """Return the messages that the website would send, one JSON object a line."""
    lines = [
        {
            "type": "page",
            "messageId": f"simulated-{customer}-{at + 1}",
            "userId": customer,
            "timestamp": f"{period.after}T09:0{2 * at + 1}:00Z",
            "properties": {"path": path, "seconds": seconds},
        }
        for at, (path, seconds) in enumerate(_PAGES)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def _refuse_used(folder: Path) -> None:
    """Raise where a folder is in use: nobody's files are ever overwritten."""
    if folder.is_dir():
        if any(folder.iterdir()):
            why = "there is something in it already, and nothing is overwritten"
            raise UserError(Problem(str(folder), why, "Name a new folder, or an empty one."))
    elif folder.exists() or folder.is_symlink():
        raise UserError(Problem(str(folder), "it is no folder", "Name a new folder, or an empty one."))


def _refuse_numbers(customers: int, seed: int, days: int, end: date) -> None:
    problems = Problems()
    if not 1 <= customers <= MAX_CUSTOMERS:
        problems.add(f"customers {customers}", "so many are not simulated", f"Write 1 to {MAX_CUSTOMERS:,}.")
    if seed < 0:
        problems.add(f"seed {seed}", "it is negative", "Write 0 or any whole number above.")
    if not 7 <= days <= MAX_DAYS:
        problems.add(f"days {days}", "so many are not simulated", f"Write 7 to {MAX_DAYS:,}.")
    if not _EARLIEST <= end <= _LATEST:
        problems.add(f"end {end}", "it is too far from today", f"Write a date from {_EARLIEST} to {_LATEST}.")
    problems.raise_if_any()


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the files, `onefold.yaml` last: until it is there, a half-written folder is no workspace."""
    with _disk(folder):
        for name in sorted(texts, key=lambda name: (name == ROOT, name)):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(texts[name])


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """Say what the disk refused, as the user's error or the disk's."""
    try:
        yield
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        why = f"it cannot be written: {error.strerror}"
        raise UserError(Problem(str(folder), why, "Name a new folder in a place of yours.")) from error
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}. Mend that, and begin anew.") from error
