"""``genome``: one customer, at any moment."""

from __future__ import annotations

from typing import Annotated

import typer

from onefold.cli.options import HERE, AsJson, At, Draft, Known, Workspace
from onefold.cli.render import console, print_json, progress_bar, shown, table
from onefold.workspace.bank import open_bank


def genome(
    customer: Annotated[str, typer.Argument(help="namespace:id; a bare id is user:id.")],
    workspace: Workspace = HERE,
    at: At = None,
    known: Known = None,
    long: Annotated[bool, typer.Option("--long", help="Say of each feature its family, layer and sources.")] = False,
    draft: Draft = False,
    as_json: AsJson = False,
) -> None:
    """Show every feature of one customer at a moment, and when the next one changes by itself."""
    with progress_bar() as progress:
        found = open_bank(workspace).genome(customer, at=at, known=known, long=long, draft=draft, progress=progress)
    if as_json:
        print_json(found.long() if long else found.brief())
        return
    console().print(f"{found.customer} at {found.at}" + (f", as known at {found.known}" if found.known else ""))
    if long:
        rows = [(one.name, one.value, one.family, one.layer, ", ".join(one.sources), one.as_of) for one in found.about]
        table(("feature", "value", "family", "layer", "from", "as of"), rows)
    else:
        table(("feature", "value"), [(name, shown(value)) for name, value in found.features.items()])
    console().print(f"Next change by itself: {found.next_change or 'none'}.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(genome)
