"""``check``, ``plan``, ``apply`` and ``rollback``: are the definitions right, what would change, make it so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from onefold.cli.options import HERE, AsJson, At, Workspace
from onefold.cli.render import console, print_json, progress_bar, table
from onefold.core.instant import format_instant
from onefold.core.publication import Publication
from onefold.decisions.contact.preference import Preferences
from onefold.workspace.bank import open_bank
from onefold.workspace.definitions import Definitions
from onefold.workspace.planning import Plan


def check(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Check every definition file and report all problems, with file, line and remedy."""
    found = open_bank(workspace).check()
    counts = _counts(found)
    if as_json:
        print_json({"definitions": found.digest, **counts, "unread": list(found.unread)})
        return
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count or what in _ALWAYS)
    console().print(f"Fine: {said}.")
    for name in found.unread:
        console().print(f"{name} is kept but not used: this release does not know such definitions yet.")


_ALWAYS = frozenset({"events", "traits", "features", "sources"})


def _counts(found: Definitions) -> dict[str, int]:
    return {
        "events": len([event for event in found.schema.events.values() if not event.reserved]),
        "traits": len(found.schema.traits),
        "features": len(found.features.features),
        "sources": len(found.mappings),
        "segments": len(found.segments.segments),
        "offers": len(found.catalogue.offers),
        "placements": len(found.catalogue.placements),
        "policies": sum(not isinstance(policy, Preferences) for policy in found.catalogue.contact),
    }


def plan(workspace: Workspace = HERE, at: At = None, as_json: AsJson = False) -> None:
    """Show what `apply` would change: which definitions, and who would enter and leave which segment."""
    with progress_bar() as progress:
        found = open_bank(workspace).plan(at=at, progress=progress)
    if as_json:
        print_json(found)
    else:
        _show(found)


def _show(found: Plan) -> None:
    print_ = console().print
    if found.empty:
        print_("Nothing would change: the files say what is published.")
        return
    if found.published is None:
        print_("Nothing is published yet: `onefold apply` publishes all of it.")
    for line in _lines(found):
        print_(line)
    moved = [one for one in found.segments if one.change != "same" or one.enters or one.leaves]
    if moved and found.at:
        print_(f"Segments of {found.population:,} customers at {found.at}:")
        rows = [(one.name, one.change, one.before, one.after, one.enters, one.leaves) for one in moved]
        table(("segment", "definition", "before", "after", "enter", "leave"), rows)
    if found.rebuilds and found.published is not None:
        print_("The timelines will be built anew from the log, because events or traits changed.")
    print_("`onefold apply` puts this in force.")


def _lines(found: Plan) -> Iterator[str]:
    for kind, changes in found.changes.items():
        for change, names in changes.items():
            yield f"{kind} {change}: {', '.join(names)}"


def apply(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Check the definition files and publish them: from then on every command reads them."""
    with progress_bar() as progress:
        publication, new = open_bank(workspace).apply(progress=progress)
    if as_json:
        print_json({"definitions": publication.digest, "number": publication.number, "changed": new})
    elif new:
        console().print(f"Published as number {publication.number} ({publication.digest[:12]}).")
    else:
        console().print(f"Nothing to publish: number {publication.number} is what the files say.")


def rollback(
    workspace: Workspace = HERE,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="NUMBER", help="A publication's number or digest.", show_default="before"),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List all publications instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put back the definitions that were in force before; the files stay as they are."""
    bank = open_bank(workspace)
    if listed:
        _list(bank.publications(), as_json=as_json)
        return
    with progress_bar() as progress:
        publication = bank.rollback(to, progress=progress)
    if as_json:
        print_json({"definitions": publication.digest, "number": publication.number})
        return
    console().print(f"Went back: {publication.digest[:12]} is in force again, as number {publication.number}.")
    console().print("The files in the folder are as they were: `onefold plan` shows how they differ.")


def _list(found: list[Publication], *, as_json: bool) -> None:
    rows = [(one.number, one.digest, format_instant(one.published_at)) for one in found]
    if as_json:
        print_json([{"number": number, "definitions": digest, "at": at} for number, digest, at in rows])
    else:
        table(("number", "definitions", "published"), [(number, digest[:12], at) for number, digest, at in rows])


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (check, plan, apply, rollback):
        app.command()(command)
