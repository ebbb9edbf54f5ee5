"""What somebody asks of decisions, read against the definitions: placements, context, events sent along."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from onefold.core.errors import Problems
from onefold.core.ids import ANONYMOUS
from onefold.core.instant import format_instant
from onefold.decisions.request import Request
from onefold.language.ast import Kind
from onefold.sources.candidate import Candidate, message_candidate
from onefold.sources.contracts import Contracts
from onefold.sources.lines import parse
from onefold.sources.rejections import Rejection
from onefold.workspace.definitions import Definitions
from onefold.workspace.reader import identifier

MAX_PLACEMENTS, MAX_CONTEXT, MAX_TEXT, MAX_EVENTS = 100, 100, 1_000, 100
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, its customer's name as ``namespace:id``, and the messages sent along."""

    customer: str
    request: Request
    events: tuple[Mapping[str, Any], ...] = ()


def read_request(
    definitions: Definitions,
    customer: str,
    placements: Sequence[str],
    *,
    dry_run: bool,
    channel: str | None = None,
    device: str | None = None,
    context: Mapping[str, Any] | None = None,
    events: Sequence[Mapping[str, Any]] = (),
    message_id: str | None = None,
    explain: bool = False,
) -> Asked:
    """Check what is asked; raise :class:`UserError` with all that is wrong with it."""
    problems = Problems()
    known = definitions.catalogue.placements
    if not placements:
        problems.add("the placements", "none is named", f"Name one: {', '.join(sorted(known)) or 'none is defined'}.")
    for name in placements:
        if name not in known:
            listed = ", ".join(sorted(known)[:12]) or "none is defined"
            problems.add(f"the placement {name!r}", "there is none of that name", f"Use one of: {listed}.")
    for what, count, most in (
        ("placements", len(placements), MAX_PLACEMENTS),
        ("values of context", len(context or {}), MAX_CONTEXT),
        ("events", len(events), MAX_EVENTS),
    ):
        if count > most:
            problems.add("the request", f"it has {count} {what}, more than {most}", "Ask in several requests.")
    said = {
        name: value
        for name, raw in (context or {}).items()
        if (value := _context_value(name, raw, definitions.config.context, problems)) is not None
    }
    who = str(identifier(customer))
    problems.raise_if_any()
    request = Request(
        customer=who,
        placements=tuple(dict.fromkeys(placements)),
        channel=channel,
        device=device,
        context=said,
        message_id=message_id or None,
        explain=explain,
        dry_run=dry_run,
    )
    return Asked(who, request, tuple(events))


def _context_value(name: str, raw: Any, kinds: Mapping[str, Kind], problems: Problems) -> str | float | bool | None:
    """Return a value of the context as expressions take it; None (unknown) where it is null or at fault."""
    what, kind = f"context {name}", kinds.get(name, Kind.CATEGORY)
    if raw is None:
        return None
    if kind is Kind.BOOLEAN:
        found = {"true": True, "false": False}.get(str(raw).lower())
        if found is None:
            problems.add(what, f"{raw!r} is neither true nor false", "Send true or false.")
        return found
    if kind is Kind.NUMBER:
        try:
            number = Decimal(str(raw))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(raw, bool) or not number.is_finite():
            problems.add(what, f"{str(raw)[:80]!r} is no number", "Send a number.")
            return None
        return float(number)
    if not isinstance(raw, (str, int, float, Decimal)) or len(str(raw)) > MAX_TEXT:
        problems.add(what, f"it is no text of at most {MAX_TEXT} characters", "Send a short text.")
        return None
    return str(raw)


def sent_along(definitions: Definitions, asked: Asked, *, now: int) -> list[Candidate]:
    """Return what becomes of the messages of a request; they are the customer's, and happen now unless they say."""
    contracts = Contracts(definitions.schema)
    found = []
    for at, message in enumerate(asked.events):
        raw = _ENCODER.encode(_completed(message, asked, now, at))
        read = parse(raw)
        if isinstance(read, Rejection):
            found.append(Candidate("decide", raw=raw, rejection=read))
        else:
            found.append(message_candidate(read, raw, contracts=contracts, zone=definitions.config.zone))
    return found


def _completed(message: Mapping[str, Any], asked: Asked, now: int, at: int) -> dict[str, Any]:
    visitor = asked.customer.removeprefix(f"{ANONYMOUS}:")
    who = {"userId": asked.customer} if visitor == asked.customer else {"anonymousId": visitor}
    moment = format_instant(now)
    named = f"{asked.customer} {asked.request.message_id or moment} {at}"
    given = {"messageId": hashlib.sha256(named.encode()).hexdigest(), "timestamp": moment}
    own = {key: value for key, value in message.items() if key not in ("userId", "anonymousId")}
    return {**given, **own, **who}
