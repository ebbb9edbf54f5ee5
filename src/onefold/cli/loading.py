"""``load``, ``rejected`` and ``status``: data in, what was not accepted, and how things stand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.options import HERE, AsJson, Workspace
from onefold.cli.render import console, harmless, print_json, progress_bar, table
from onefold.core.errors import Problem, UserError
from onefold.workspace.bank import open_bank
from onefold.workspace.report import LoadReport

rejected = typer.Typer(help="What was not accepted: list it, replay it after a fix.", no_args_is_help=True)

Vars = Annotated[list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="A value for ${NAME} in sources.")]


def load(
    workspace: Workspace = HERE,
    var: Vars = None,
    messages: Annotated[
        list[Path] | None,
        typer.Option("--messages", metavar="FILE", help="Segment-spec messages, JSON lines (.gz)."),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Take events as known at their own time, not at arrival.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Load all sources (or the given messages); run it again at will: what is there already is not counted twice."""
    bank = open_bank(workspace)
    with progress_bar() as progress:
        if messages:
            report = bank.load_messages(messages, history=history, progress=progress)
        else:
            report = bank.load(_variables(var), history=history, progress=progress)
    show_report(report, as_json=as_json)


def _variables(stated: list[str] | None) -> dict[str, str]:
    found = {}
    for text in stated or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UserError(Problem(f"--var {text}", "it names no value", "Write --var name=value."))
        found[name] = value
    return found


def show_report(report: LoadReport, *, as_json: bool) -> None:
    """Print what a load did."""
    if as_json:
        print_json(report)
        return
    if report.published:
        console().print(f"Nothing was published yet: published the files as {report.published[:12]}.")
    if report.draft_differs:
        console().print("The definition files differ from what is published: `onefold apply` puts them in force.")
    table(
        ("source", "read", "accepted", "new", "rejected", "skipped rows"),
        [(one.source, one.read, one.accepted, one.new, one.rejected, one.skipped) for one in report.sources],
    )
    if report.rejected:
        console().print(f"{report.rejected:,} rejected: see `onefold rejected list`.")
    if report.undeclared:
        names = ", ".join(f"{name} ({count:,})" for name, count in sorted(report.undeclared.items())[:8])
        console().print(f"Kept in the log but undeclared: {names}.")


def status(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Show what is published and loaded, and what was rejected for which reason."""
    found = open_bank(workspace).status()
    if as_json:
        print_json(found)
        return
    table(
        ("what", ""),
        [
            ("workspace", found.workspace),
            ("definitions", found.definitions[:12] if found.definitions else "none published"),
            ("records in the log", found.records),
            ("records not yet on timelines", found.behind),
            ("customers", found.customers),
            ("visitors", found.visitors),
            *[(f"rejected: {code}", count) for code, count in sorted(found.rejected.items())],
        ],
    )


@rejected.command("list")
def list_rejected(
    workspace: Workspace = HERE,
    limit: Annotated[int, typer.Option(help="The most to show.", min=1, max=100_000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List what is rejected and not yet resolved: source, code, reason, raw text."""
    found = open_bank(workspace).rejections(limit=limit)
    if as_json:
        print_json(found)
    elif not found:
        console().print("Nothing is rejected.")
    else:
        for one in found:
            console().print(harmless(f"{one.number}  {one.source}  {one.code}: {one.detail}"))
            console().print(f"    {harmless(one.raw)}")


@rejected.command("replay")
def replay_rejected(workspace: Workspace = HERE, var: Vars = None, as_json: AsJson = False) -> None:
    """Try everything rejected once more under the published definitions; what is accepted now is resolved."""
    with progress_bar() as progress:
        report = open_bank(workspace).replay_rejected(_variables(var), progress=progress)
    show_report(report, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(load)
    app.command()(status)
    app.add_typer(rejected, name="rejected")
