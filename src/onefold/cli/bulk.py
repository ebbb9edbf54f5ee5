"""``export``: genomes of all customers, or the members of a segment, at a moment, into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.options import HERE, AsJson, At, Draft, Known, Workspace
from onefold.cli.render import console, print_json, progress_bar
from onefold.workspace.bank import open_bank

export = typer.Typer(help="Write what is known of all customers into a file.", no_args_is_help=True)


@export.command("genomes")
def export_genomes(
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A .parquet, .csv or .jsonl file.")],
    workspace: Workspace = HERE,
    at: At = None,
    known: Known = None,
    visitors: Annotated[bool, typer.Option("--visitors", help="Visitors too, not only known customers.")] = False,
    draft: Draft = False,
    as_json: AsJson = False,
) -> None:
    """Write the genomes of all customers: a column `customer`, and one for each feature."""
    with progress_bar() as progress:
        bank = open_bank(workspace)
        done = bank.export_genomes(to, at=at, known=known, visitors=visitors, draft=draft, progress=progress)
    if as_json:
        print_json({"file": str(to), "customers": done.customers, "at": done.at, "definitions": done.definitions})
    else:
        console().print(f"{done.customers:,} genomes at {done.at} written to {to}.")


@export.command("segment")
def export_segment(
    name: Annotated[str, typer.Argument(help="The segment.")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A .parquet, .csv or .jsonl file.")],
    workspace: Workspace = HERE,
    at: At = None,
    known: Known = None,
    draft: Draft = False,
    as_json: AsJson = False,
) -> None:
    """Write the members of a segment; refused where they are fewer than `min_size`."""
    with progress_bar() as progress:
        bank = open_bank(workspace)
        done = bank.segments.export(name, to, at=at, known=known, draft=draft, progress=progress)
    if as_json:
        print_json({"file": str(to), "customers": done.customers, "at": done.at, "definitions": done.definitions})
    else:
        console().print(f"{done.customers:,} members of {name} at {done.at} written to {to}.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(export, name="export")
