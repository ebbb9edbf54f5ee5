"""``genome``: one customer, at any moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import typer

from onefold.cli.options import HERE, AsJson, At, Draft, Known, Workspace
from onefold.cli.render import console, print_json, progress_bar, shown, table
from onefold.workspace.bank import open_bank
from onefold.workspace.genome import Genome


def genome(
    customer: Annotated[str, typer.Argument(help="namespace:id; a bare id is user:id.")],
    workspace: Workspace = HERE,
    at: At = None,
    known: Known = None,
    long: Annotated[bool, typer.Option("--long", help="Say of each feature its family, layer and sources.")] = False,
    markers: Annotated[
        bool, typer.Option(" /--no-markers", help="Do not compare the customer with the population.")
    ] = True,
    draft: Draft = False,
    as_json: AsJson = False,
) -> None:
    """Show every feature of one customer at a moment, what stands out, and when the next one changes by itself."""
    with progress_bar() as progress:
        found = open_bank(workspace).genome(
            customer, at=at, known=known, long=long, markers=markers, draft=draft, progress=progress
        )
    if as_json:
        print_json(found.long() if long else found.brief())
        return
    console().print(f"{found.customer} at {found.at}" + (f", as known at {found.known}" if found.known else ""))
    if long:
        rows = [(one.name, one.value, one.family, one.layer, ", ".join(one.sources), one.as_of) for one in found.about]
        table(("feature", "value", "family", "layer", "from", "as of"), rows)
    else:
        table(("feature", "value"), [(name, shown(value)) for name, value in found.features.items()])
    if found.markers:
        table(("what stands out", "bits"), [(one.text, round(one.surprise, 1)) for one in found.markers])
    for line in _families(found):
        console().print(line)
    console().print(f"Next change by itself: {found.next_change or 'none'}.")


def _families(found: Genome) -> Iterator[str]:
    """Say of each family how much of it is known, and which inputs more of the library needs, the most needed first."""
    for family in sorted({*found.completeness, *found.missing}):
        share, missing = found.completeness.get(family), found.missing.get(family, {})
        parts = [f"{100 * share:.0f} % known"] if share is not None else []
        if missing:
            needed = Counter(one for inputs in missing.values() for one in inputs)
            first = sorted(needed, key=lambda one: (-needed[one], one))
            more = " ..." if len(first) > _SHOWN else ""
            parts.append(f"{len(missing)}{' more' if parts else ''} need: {', '.join(first[:_SHOWN])}{more}")
        yield f"{family}: {'; '.join(parts)}"


_SHOWN = 4


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(genome)
