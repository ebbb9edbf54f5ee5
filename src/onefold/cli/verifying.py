"""``verify``: recompute from the log what is served, and say what differs."""

from __future__ import annotations

from typing import Annotated

import typer

from onefold.cli.options import HERE, AsJson, At, Known, Workspace
from onefold.cli.render import console, print_json, progress_bar, table
from onefold.core.instant import format_instant
from onefold.features.engine import FOREVER
from onefold.workspace.bank import open_bank
from onefold.workspace.evidence import Mismatch, Verification
from onefold.workspace.verifying import SAMPLE

DIFFERS = 1


def verify(
    workspace: Workspace = HERE,
    sample: Annotated[
        int, typer.Option("--sample", metavar="N", help="How many customers to look at.", min=1)
    ] = SAMPLE,
    everyone: Annotated[bool, typer.Option("--all", help="Look at all customers.")] = False,
    at: At = None,
    known: Known = None,
    seed: Annotated[int, typer.Option(help="Another seed looks at other customers and moments.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Recompute from the log what is served, compare, and print what differs; exit status 1 if anything does."""
    with open_bank(workspace) as bank, progress_bar() as progress:
        found = bank.verify(at=at, known=known, sample=None if everyone else sample, seed=seed, progress=progress)
    if as_json:
        print_json(_machine(found))
    else:
        _show(found)
    if found.mismatches:
        raise typer.Exit(DIFFERS)


def _machine(found: Verification) -> dict[str, object]:
    return {
        "customers": found.customers,
        "moments": found.moments,
        "values": found.values,
        "mismatches": found.mismatches,
        "by_name": found.by_name,
        "examples": [_example(one) for one in found.examples],
        "at": format_instant(found.at),
        "known": _known(found.known),
        "definitions": found.definitions,
        "seed": found.seed,
    }


def _example(one: Mismatch) -> dict[str, object]:
    return {
        "customer": one.customer,
        "name": one.what,
        "at": format_instant(one.at),
        "known": _known(one.known),
        "served": one.served,
        "recomputed": one.recomputed,
    }


def _show(found: Verification) -> None:
    looked = f"{found.values:,} values of {found.customers:,} customers, in {found.moments:,} genomes"
    if not found.mismatches:
        console().print(f"0 mismatches: {looked}, are what the log says.")
        return
    table(
        ("customer", "what", "at", "as known at", "served", "recomputed"),
        [
            (one.customer, one.what, format_instant(one.at), _known(one.known), one.served, one.recomputed)
            for one in found.examples
        ],
    )
    counts = ", ".join(f"{name} {count:,}" for name, count in found.by_name.items())
    console().print(f"{found.mismatches:,} mismatches among {looked}: {counts}.")
    if found.mismatches > len(found.examples):
        console().print(f"{len(found.examples)} of them are shown.")
    console().print(
        "The log is the truth. Delete .onefold/timelines and verify again: what differs still is a fault of this"
        " release; please report it."
    )


def _known(known: int) -> str | None:
    return None if known == FOREVER else format_instant(known)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(verify)
