"""``decide``, ``why`` and ``decisions``: what is worth saying, why, and what was said before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import typer

from onefold.cli.options import HERE, AsJson, At, Draft, Known, Workspace
from onefold.cli.render import console, harmless, print_bytes, print_json, progress_bar, shown, table
from onefold.core.errors import Problem, UserError
from onefold.core.instant import format_instant
from onefold.decisions.answer import Answer, PlacementAnswer, Stage, Status, encode
from onefold.features.values import Value
from onefold.workspace.bank import open_bank
from onefold.workspace.segments import Explained

decisions = typer.Typer(help="Recorded decisions: list, show, make again.", no_args_is_help=True)

Customer = Annotated[str, typer.Argument(help="namespace:id; a bare id is user:id.")]


def decide(
    customer: Customer,
    placement: Annotated[list[str], typer.Option("--placement", metavar="NAME", help="Where; may be repeated.")],
    workspace: Workspace = HERE,
    channel: Annotated[str | None, typer.Option(help="The channel, if not the placement's own.")] = None,
    device: Annotated[str | None, typer.Option(help="The device: context.device.")] = None,
    context: Annotated[
        list[str] | None, typer.Option("--context", metavar="NAME=VALUE", help="What is known of the moment.")
    ] = None,
    event: Annotated[
        list[str] | None, typer.Option("--event", metavar="JSON", help="A Segment message that counts first.")
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Let it count; otherwise it is a dry run.")] = False,
    message_id: Annotated[str | None, typer.Option(help="A repeat of it gets the first answer.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the way of every candidate.")] = False,
    at: At = None,
    known: Known = None,
    draft: Draft = False,
    as_json: AsJson = False,
) -> None:
    """Decide what is worth saying to a customer. A dry run unless --record is given."""
    bank = open_bank(workspace)
    answer = bank.decide(
        customer,
        placement,
        channel=channel,
        device=device,
        context=_pairs(context),
        events=[_message(text) for text in event or []],
        message_id=message_id,
        explain=explain or not (record or as_json),
        at=at,
        known=known,
        dry_run=not record,
        draft=draft,
    )
    if as_json:
        print_bytes(encode(answer))
    else:
        show_answer(bank.decisions.why(answer.decision_id) if record else answer, explain=explain)


def _pairs(stated: list[str] | None) -> dict[str, str]:
    found = {}
    for text in stated or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UserError(Problem(f"--context {text}", "it names no value", "Write --context page=/mortgage."))
        found[name] = value
    return found


def _message(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        why = f"it is no JSON object: {error}"
        raise UserError(Problem("--event", why, 'Write {"type": "page", "properties": {"path": "/x"}}.')) from error


def show_answer(answer: Answer, *, explain: bool) -> None:
    """Print an explained answer as a person reads it; with ``explain`` the way of every candidate too."""
    console().print(f"{answer.status} at {answer.at} (decision {answer.decision_id[:12]})")
    for name, placement in answer.placements.items():
        for line in _lines(name, placement):
            console().print(harmless(line))
    for name, placement in answer.placements.items():
        if explain and isinstance(placement.funnel, tuple):
            rows = [(one.offer, one.treatment, one.stage, one.score, one.reason) for one in placement.funnel]
            table(("offer", "treatment", "stage", "score", "reason"), rows, title=f"{name}: every candidate")


def _lines(name: str, placement: PlacementAnswer) -> Iterator[str]:
    if not placement.items:
        yield f"{name}: its default, {placement.default or 'nothing'} ({_why_nothing(placement)})"
    for item in placement.items:
        terms = "".join(f", {term} {shown(value)}" for term, value in item.terms.items())
        yield f"{name}: {item.rank}. {item.offer} as {item.treatment} (score {shown(item.score)}{terms})"
        if item.actions:
            yield f"    actions: {', '.join(item.actions)}"
        for reason in item.reasons:
            yield f"    because {reason}"


def _why_nothing(placement: PlacementAnswer) -> str:
    """Say where the candidates fell, those that came furthest first."""
    if placement.status not in (Status.OK, Status.DENIED):
        return str(placement.status)
    steps = placement.funnel if isinstance(placement.funnel, tuple) else ()
    fallen = Counter(step.stage for step in steps)
    if not fallen:
        return "nothing is offered on this channel"
    ways = [f"{fallen[stage]} fell at {stage}" for stage in reversed(Stage) if fallen[stage]]
    return ", ".join(ways)


def why(
    customer: Annotated[str | None, typer.Argument(help="namespace:id; a bare id is user:id.")] = None,
    segment: Annotated[str | None, typer.Option("--segment", metavar="NAME", help="Why in it, or not.")] = None,
    decision: Annotated[str | None, typer.Option("--decision", metavar="ID", help="Why this was decided.")] = None,
    workspace: Workspace = HERE,
    at: At = None,
    known: Known = None,
    draft: Draft = False,
    as_json: AsJson = False,
) -> None:
    """Explain a membership (CUSTOMER --segment NAME) or a recorded decision (--decision ID)."""
    bank = open_bank(workspace)
    if decision is not None:
        answer = bank.decisions.why(decision)
        if as_json:
            print_bytes(encode(answer))
        else:
            show_answer(answer, explain=True)
    elif customer is not None and segment is not None:
        found = bank.segments.why(customer, segment, at=at, known=known, draft=draft)
        if as_json:
            print_json(found.as_json())
        else:
            show_why(found)
    else:
        raise typer.BadParameter("name a customer and --segment, or a --decision")


def show_why(found: Explained) -> None:
    """Print why somebody is in a segment or not, as a person reads it."""
    why, print_ = found.why, console().print
    title = f" ({why.title})" if why.title else ""
    state = "is" if why.member else "is not"
    print_(harmless(f"{found.customer} {state} in {why.segment}{title} at {found.at}."))
    print_(harmless(f"The rule: {why.sentence}."))
    if why.cause is not None and why.cause != "when":
        print_(f"What keeps them out: {_CAUSES[why.cause]}.")
    rows = [(leaf.text, _values(leaf.values), leaf.truth) for leaf in why.leaves]
    table(("condition", "values", "true"), rows)
    since = format_instant(why.since) if why.since is not None else "the beginning"
    until = format_instant(why.until) if why.until is not None else "something happens"
    print_(f"So since {since}, and by time alone until {until}.")
    for one in why.would_change:
        print_(harmless(f"It would be otherwise {one}."))


_CAUSES = {
    "consent": "consent to the segment's purpose is not granted",
    "dimension": "an earlier segment of the same dimension holds",
    "not_present": "nothing is known of them yet at that moment",
}


def _values(values: dict[str, Value]) -> str:
    return ", ".join(f"{name} {shown(value) if value is not None else 'unknown'}" for name, value in values.items())


@decisions.command("list")
def list_decisions(
    workspace: Workspace = HERE,
    customer: Annotated[str | None, typer.Option("--customer", help="Of one customer only.")] = None,
    limit: Annotated[int, typer.Option(help="The most to show.", min=1, max=100_000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest recorded decisions."""
    found = open_bank(workspace).decisions.newest(customer, limit=limit)
    if as_json:
        print_json(found)
    elif not found:
        console().print("No decision is recorded: `onefold decide --record` records.")
    else:
        rows = [
            (one.decision, one.at, one.customer, one.status, name, ", ".join(items) or "-")
            for one in found
            for name, items in one.placements.items()
        ]
        table(("decision", "at", "customer", "status", "placement", "offers"), rows)


@decisions.command("show")
def show(
    decision: Annotated[str, typer.Argument(help="The decision's id.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Show a recorded decision: what was asked, at which moment, of what was known, and what was answered."""
    found = open_bank(workspace).decisions.get(decision)
    said = {
        "decisionId": found.decision,
        "customer": found.customer,
        "at": format_instant(found.now),
        "known": format_instant(found.known),
        "definitions": found.definitions,
        "request": msgspec.Raw(found.request),
        "answer": msgspec.Raw(found.answer),
    }
    if as_json:
        print_json(said)
    else:
        console().print_json(msgspec.json.encode(said).decode())


@decisions.command("replay")
def replay(
    decision: Annotated[list[str] | None, typer.Argument(help="Their ids; all, if none is named.")] = None,
    workspace: Workspace = HERE,
    limit: Annotated[int, typer.Option(help="The most to make again, the newest first.", min=1)] = 1_000_000,
    as_json: AsJson = False,
) -> None:
    """Make old decisions again from the log and compare them byte by byte; exit status 1 where any differs."""
    with progress_bar() as progress:
        found = open_bank(workspace).decisions.replay(decision or (), limit=limit, progress=progress)
    if as_json:
        print_json(found)
    else:
        console().print(f"{found.decisions:,} decisions made again, {found.mismatches:,} differ.")
        for one in found.differing:
            console().print(one)
    if found.mismatches:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(decide)
    app.command()(why)
    app.add_typer(decisions, name="decisions")
