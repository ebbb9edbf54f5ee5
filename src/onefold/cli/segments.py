"""``segments``: sizes, members, previews and changes of segments."""

from __future__ import annotations

from typing import Annotated

import typer

from onefold.cli.options import HERE, AsJson, At, Draft, Known, Workspace
from onefold.cli.render import console, duration, percent, print_json, progress_bar, table
from onefold.workspace.bank import open_bank

segments = typer.Typer(help="Segments: sizes, members, previews, changes.", no_args_is_help=True)


@segments.command("list")
def list_segments(
    workspace: Workspace = HERE, at: At = None, known: Known = None, draft: Draft = False, as_json: AsJson = False
) -> None:
    """List every segment with its size at a moment."""
    with progress_bar() as progress:
        found = open_bank(workspace).segments.sizes(at=at, known=known, draft=draft, progress=progress)
    if as_json:
        print_json(found)
    elif not found:
        console().print("No segment is defined. Describe one in segments/, see `onefold init`.")
    else:
        rows = [(one.name, one.count, percent(one.share), one.dimension, one.purpose, one.title) for one in found]
        table(("segment", "customers", "share", "dimension", "purpose", "title"), rows)
        console().print(f"{found[0].population:,} customers. A segment without a purpose is for service and analysis.")


@segments.command("preview")
def preview(
    when: Annotated[str, typer.Argument(help='A predicate, such as "age > 60 AND balance > 5000".')],
    workspace: Workspace = HERE,
    at: At = None,
    known: Known = None,
    visitors: Annotated[bool, typer.Option("--visitors", help="Visitors too, not only known customers.")] = False,
    draft: Draft = False,
    as_json: AsJson = False,
) -> None:
    """Say how many customers a predicate holds of, before anything is defined."""
    with progress_bar() as progress:
        bank = open_bank(workspace)
        found = bank.segments.preview(when, at=at, known=known, visitors=visitors, draft=draft, progress=progress)
    if as_json:
        print_json(found)
        return
    console().print(
        f"{found.count:,} of {found.population:,} customers ({percent(found.share)}) at {found.as_of},"
        f" in {found.ms:,.0f} ms, {_compared(found.change)} the day before."
    )
    if found.overlap:
        table(("also in", "customers"), list(found.overlap.items()))
    if found.cached:
        console().print(f"From columns made {duration(found.age_seconds)} ago and brought up to now.")
    if found.sample:
        console().print(f"For example {', '.join(found.sample)}.")


@segments.command("members")
def members(
    name: Annotated[str, typer.Argument(help="The segment.")],
    workspace: Workspace = HERE,
    at: At = None,
    known: Known = None,
    draft: Draft = False,
    as_json: AsJson = False,
) -> None:
    """List the members of a segment at a moment, one a line."""
    with progress_bar() as progress:
        found = open_bank(workspace).segments.members(name, at=at, known=known, draft=draft, progress=progress)
    if as_json:
        print_json({"segment": name, "count": len(found), "members": found})
    else:
        for customer in found:
            console().print(customer)


@segments.command("changes")
def changes(
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="From this moment on.")] = None,
    workspace: Workspace = HERE,
    at: At = None,
    known: Known = None,
    as_json: AsJson = False,
) -> None:
    """List who entered and left, and why: from the journal, or with --at computed from the timelines up to then."""
    with progress_bar() as progress:
        found = open_bank(workspace).segments.changes(since, at=at, known=known, progress=progress)
    if as_json:
        print_json(found)
    elif not found:
        console().print("No change.")
    else:
        table(
            ("seq", "at", "customer", "change", "segment", "cause"),
            [(str(one.seq), one.at, one.customer, one.change, one.segment, one.cause) for one in found],
        )


def _compared(change: int) -> str:
    return f"{change:+,} since" if change else "as many as"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(segments, name="segments")
