"""Making decisions over a workspace: tried without a trace, recorded with their reservations, made again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from onefold.core.errors import UserError
from onefold.core.event import Event
from onefold.core.instant import format_instant
from onefold.decisions.answer import Answer, PlacementAnswer, Status, decode, encode
from onefold.decisions.decide import Stamp as DecisionStamp
from onefold.decisions.decide import decide
from onefold.decisions.request import Request
from onefold.features.engine import FOREVER
from onefold.governance.records import Decided
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.profiles.timeline import in_order
from onefold.profiles.words import Rows
from onefold.workspace.catch_up import Progress, add_event
from onefold.workspace.live import Live
from onefold.workspace.past import Past
from onefold.workspace.reader import Reader
from onefold.workspace.requests import Asked, sent_along
from onefold.workspace.situations import situation_of

_LOG = logging.getLogger("onefold.decisions")
_JSON = msgspec.json.Encoder(decimal_format="number", order="deterministic")
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many decisions were made again, and the ids of those that came out otherwise (the first hundred)."""

    decisions: int
    mismatches: int
    differing: tuple[str, ...]


def tried(reader: Reader, asked: Asked, *, now: int, known: int) -> Answer:
    """Decide without a trace; the same question of the same data has the same id."""
    who, rows = reader.person(asked.customer, known=known)
    along = [one.event for one in sent_along(reader.definitions, asked, now=now) if one.event is not None]
    if along:
        rows = _joined(reader, rows, along, min(now, known))
    said = (
        b"dry run",
        who,
        _JSON.encode(asked.request),
        _JSON.encode(asked.events),
        f"{now} {known} {reader.definitions.digest}".encode(),
    )
    decision_id = reader.stores.seeds.decision_id(*said)
    return _answer(reader, asked.request, rows, now=now, known=known, decision_id=decision_id)


def _joined(reader: Reader, rows: Rows, events: Sequence[Event], known_at: int) -> Rows:
    """Return a customer's records with those of events that no log holds."""
    codec, gather = reader.stores.codec, Gather(reader.layout)
    for event in events:
        add_event(gather, codec, event, Stamp(codec.node(event.node), known_at, codec.body_digest(event)))
    batch = gather.batch(0)
    reader.results().engine.texts.add(batch.texts.items())
    return in_order(np.concatenate([rows, *batch.rows.values()]))


def recorded(live: Live, asked: Asked, at: int | None) -> Answer:
    """Decide, and keep the decision with its reservations before it is answered."""
    request = asked.request
    before = live.decisions.find(_id_of(live, asked, 0)) if request.message_id is not None else None
    if before is not None:
        return decode(before.answer)
    along = sent_along(live.definitions, asked, now=live.stamps() if at is None else at)
    if along:
        live.intake.take(along)
    known = live.stamps.decision()
    now, decision_id = known if at is None else at, _id_of(live, asked, known)
    _, rows = live.reader.person(asked.customer, known=known)
    found = _answer(live.reader, request, rows, now=now, known=known, decision_id=decision_id)
    decided = Decided(
        decision=decision_id,
        customer=asked.customer,
        request=_JSON.encode(request),
        now=now,
        known=known,
        definitions=live.definitions.digest,
        answer=encode(found),
    )
    live.record(decided, list(_exposures(live, request, found, now)))
    return found


def _id_of(live: Live, asked: Asked, known: int) -> str:
    """Return the id of a decision: that of its message, else one that only this request at this instant has."""
    seeds, request, name = live.stores.seeds, asked.request, asked.customer.encode()
    if request.message_id is not None:
        return seeds.decision_id(b"message", name, request.message_id.encode())
    return seeds.decision_id(b"request", name, _JSON.encode(request), str(known).encode())


def _answer(reader: Reader, request: Request, rows: Rows, *, now: int, known: int, decision_id: str) -> Answer:
    """Decide; what breaks inside shows nothing but the defaults, and is in the log of the process."""
    until = None if known == FOREVER else format_instant(known)
    placements = reader.definitions.catalogue.placements
    try:
        situation = situation_of(reader, rows, request, now=now, known=known)
        stamp = DecisionStamp(decision_id, None if known == FOREVER else known, reader.definitions.digest)
        return decide(
            reader.results().prepared, request, situation, stamp=stamp, seed=reader.stores.seeds.seed(decision_id)
        )
    except UserError:
        raise
    except Exception:
        _LOG.exception("a decision failed; its placements show their defaults")
        shown = {
            name: PlacementAnswer(status=Status.ERROR, default=placements[name].default) for name in request.placements
        }
        return Answer(
            decision_id=decision_id, status=Status.ERROR, at=format_instant(now), known=until,
            definitions=reader.definitions.digest, placements=shown,
        )  # fmt: skip


def _exposures(live: Live, request: Request, answer: Answer, now: int) -> Iterator[Event]:
    """Yield a reservation for each item; where nobody confirms that it was shown, that it was."""
    assert request.customer is not None
    for name, shown in answer.placements.items():
        placement = live.definitions.catalogue.placements[name]
        for item in shown.items:
            properties = {
                "decision_id": answer.decision_id,
                "offer": item.offer,
                "treatment": item.treatment,
                "placement": name,
                "channel": request.channel or placement.channel,
            }
            for what in ("reserved",) if placement.confirms else ("reserved", "shown"):
                message_id = f"{answer.decision_id} {name} {item.offer} {what}"
                yield Event(
                    node=request.customer, name=f"offer_{what}", time=now, message_id=message_id, properties=properties
                )


def again(past: Past, decided: Decided, *, explain: bool | None = None) -> Answer:
    """Make an old decision again, of what was known then and under the definitions of then."""
    reader = past.under(decided.definitions)
    request = msgspec.json.decode(decided.request, type=Request)
    if explain is not None:
        request = msgspec.structs.replace(request, explain=explain)
    _, rows = reader.person(decided.customer, known=decided.known)
    return _answer(reader, request, rows, now=decided.now, known=decided.known, decision_id=decided.decision)


def replayed(reader: Reader, old: Iterable[Decided], total: int, progress: Progress) -> Replayed:
    """Make old decisions again and count those whose answer is not the same to the byte."""
    past, done = Past(reader), 0
    differing: list[str] = []
    mismatches = 0
    for done, decided in enumerate(old, 1):
        if encode(again(past, decided)) != decided.answer:
            mismatches += 1
            differing += [decided.decision] if mismatches <= SHOWN else []
        if done % 50 == 0:
            progress("Deciding again", done, total)
    return Replayed(done, mismatches, tuple(differing))
