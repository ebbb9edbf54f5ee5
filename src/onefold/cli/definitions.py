"""``check`` and ``apply``: are the definitions right, and make them the ones in force."""

from __future__ import annotations

import typer

from onefold.cli.options import HERE, AsJson, Workspace
from onefold.cli.render import console, print_json
from onefold.workspace.bank import open_bank


def check(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Check every definition file and report all problems, with file, line and remedy."""
    found = open_bank(workspace).check()
    counts = {
        "definitions": found.digest,
        "events": len([event for event in found.schema.events.values() if not event.reserved]),
        "traits": len(found.schema.traits),
        "features": len(found.features.features),
        "sources": len(found.mappings),
        "unread": list(found.unread),
    }
    if as_json:
        print_json(counts)
        return
    print_ = console().print
    print_(
        f"Fine: {counts['events']} events, {counts['traits']} traits, {counts['features']} features,"
        f" {counts['sources']} sources."
    )
    for name in found.unread:
        print_(f"{name} is kept but not used: this release does not know such definitions yet.")


def apply(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Check the definition files and publish them: from then on every command reads them."""
    publication, new = open_bank(workspace).apply()
    if as_json:
        print_json({"definitions": publication.digest, "number": publication.number, "changed": new})
    elif new:
        console().print(f"Published as number {publication.number} ({publication.digest[:12]}).")
    else:
        console().print(f"Nothing to publish: number {publication.number} is what the files say.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(check)
    app.command()(apply)
