"""``init`` and ``simulate``: a workspace to begin with, empty or with the data of a simulated bank."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.options import AsJson
from onefold.cli.render import console, print_json, progress_bar, table
from onefold.core.errors import Problem, UserError
from onefold.workspace import starting

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an empty one.")]


def init(
    folder: Folder,
    lean: Annotated[bool, typer.Option("--lean", help="The least that decides: three inputs, five offers.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a commented starter workspace: a retail bank in plain files, for you to change."""
    done = starting.init(folder, lean=lean)
    if as_json:
        print_json(done)
        return
    console().print(f"{len(done.files)} files written to {folder}: begin with {folder / 'README.md'}.")
    console().print(f"Next: onefold check -w {folder}")


def simulate(
    folder: Folder,
    customers: Annotated[int, typer.Option(help="How many.", min=1, max=starting.MAX_CUSTOMERS)] = 5_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bank.", min=0)] = 1,
    days: Annotated[int, typer.Option(help="Days of data.", min=7, max=starting.MAX_DAYS)] = starting.DAYS,
    end: Annotated[str, typer.Option(metavar="DATE", help="The last day.")] = str(starting.END),
    as_json: AsJson = False,
) -> None:
    """Write a SIMULATED bank: the starter workspace, raw files for `onefold load`, and the truth behind them."""
    with progress_bar() as progress:
        done = starting.simulate(folder, customers=customers, seed=seed, days=days, end=_date(end), progress=progress)
    if as_json:
        print_json(done)
        return
    print_ = console().print
    print_(f"A SIMULATED bank of {done.customers:,} customers, {done.first} to {done.last}: none of them exists.")
    table(("file", "rows"), [(f"data/{name}.csv", count) for name, count in done.rows.items()])
    print_(f"Next: onefold load -w {folder}, then {folder / 'README.md'}.")
    if done.demo:
        print_(f"A customer to look at: {done.demo.customer}, --at {done.demo.before}.")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(Problem(f"--end {text}", "it is no date", "Write one such as 2026-06-30.")) from None


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(init)
    app.command()(simulate)
