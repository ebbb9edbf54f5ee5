"""Decisions as commands and the Python API give them: asked, recorded, repeated, replayed, explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from onefold.core.errors import Problem, UserError
from onefold.core.event import Event
from onefold.core.ids import message_hash
from onefold.core.instant import format_instant
from onefold.decisions.answer import Answer
from onefold.decisions.contact.moment import Outcome
from onefold.decisions.definitions import Placement
from onefold.decisions.request import Request
from onefold.governance.records import Decided
from onefold.profiles.dedup import rows_of_person
from onefold.profiles.words import hashes_of, times_of
from onefold.sources.candidate import Candidate
from onefold.sources.contracts import Contracts
from onefold.sources.rejections import Rejected
from onefold.workspace.access import Access, Moment
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.deciding import Replayed, again, recorded, replayed, tried
from onefold.workspace.decision_store import DecisionStore
from onefold.workspace.live import Live
from onefold.workspace.past import Past
from onefold.workspace.reader import Reader
from onefold.workspace.requests import read_request


@dataclass(frozen=True, slots=True)
class DecisionInfo:
    """A recorded decision in brief; times are ISO 8601."""

    decision: str
    customer: str
    at: str
    status: str
    placements: Mapping[str, list[str]]


class Decisions:
    """Decides under the published definitions (or the files, with ``draft``), and answers for old decisions."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def decide(
        self,
        customer: str,
        placements: str | Sequence[str],
        *,
        at: Moment = None,
        known: Moment = None,
        dry_run: bool = False,
        draft: bool = False,
        **about: Any,
    ) -> Answer:
        """Decide what is worth saying to a customer now.

        ``about`` are ``channel``, ``device``, ``context`` (page, hour ...), ``events`` (Segment-spec messages sent
        along, which count first), ``message_id`` (a repeat gets the first answer) and ``explain`` (every candidate's
        way). A ``dry_run`` counts nothing and may look at the past (``known``) or at the ``draft``. Raises
        :class:`UserError` for what is no request; a fault inside gives status ``error`` and the defaults.
        """
        names = (placements,) if isinstance(placements, str) else tuple(placements)
        with self._access.session.lock:
            if dry_run or draft:
                reader = self._access.reader(draft=draft)
                asked = read_request(reader.definitions, customer, names, dry_run=True, **about)
                now, until = self._access.moment(reader, at), self._access.until(reader, known)
                return tried(reader, asked, now=now, known=until)
            if known is not None:
                why = "a decision that counts knows what is known now"
                raise UserError(Problem("--known", why, "Leave it out, or make it a dry run."))
            live = self._access.live()
            asked = read_request(live.definitions, customer, names, dry_run=False, **about)
            return recorded(live, asked, None if at is None else self._access.moment(live.reader, at))

    def record(
        self,
        decision_id: str,
        offer: str,
        outcome: str,
        *,
        message_id: str,
        value: object = None,
        action: str | None = None,
        at: Moment = None,
    ) -> bool:
        """Record what became of an offer: shown, clicked, accepted, rejected, ignored or converted.

        Returns whether it is in the log now; a repeat of the ``message_id`` counts once. Raises :class:`UserError`
        where there was no such decision or the decision did not choose the offer.
        """
        with self._access.session.lock:
            live = self._access.live()
            decided = live.decisions.find(decision_id)
            if decided is None:
                raise UserError(_no_decision(decision_id))
            placements = live.definitions.catalogue.placements
            properties = _outcome(decided, offer, outcome, placements) | ({"value": value} if value is not None else {})
            event = Event(
                node=decided.customer,
                name=f"offer_{outcome}",
                time=_reported(live, decided, message_id) if at is None else self._access.moment(live.reader, at),
                message_id=message_id,
                properties=properties | ({"action": action} if action else {}),
            )
            try:
                Contracts(live.definitions.schema).check(event)
            except Rejected as error:
                why = error.rejection.detail
                raise UserError(Problem(f"the outcome {outcome!r}", why, "Send it with a value that fits.")) from error
            return live.intake.take([Candidate("outcomes", event=event)]) == [True]

    def newest(self, customer: str | None = None, *, limit: int = 20) -> list[DecisionInfo]:
        """Return the newest recorded decisions, of one customer (under all of their names) or of all."""
        with self._access.session.lock, _opened(self._access) as (reader, store):
            nodes = None if customer is None else _names_of(reader, customer)
            return [_info(decided) for decided in store.newest(limit=limit, nodes=nodes)]

    def get(self, decision_id: str) -> Decided:
        """Return a decision as it was recorded; raise :class:`UserError` where there is none."""
        with self._access.session.lock, _opened(self._access) as (_, store):
            return _found(store, decision_id)

    def why(self, decision_id: str) -> Answer:
        """Return an old decision made again with the way of every candidate."""
        with self._access.session.lock, _opened(self._access) as (reader, store):
            return again(Past(reader), _found(store, decision_id), explain=True)

    def replay(
        self, decision_ids: Sequence[str] = (), *, limit: int = 1_000_000, progress: Progress = silent
    ) -> Replayed:
        """Make old decisions again from the log and compare the bytes: those named, or the newest."""
        with self._access.session.lock, _opened(self._access) as (reader, store):
            old = [_found(store, one) for one in decision_ids] or store.newest(limit=limit)
            total = len(decision_ids) or min(limit, store.count())
            return replayed(reader, old, total, progress)


@contextmanager
def _opened(access: Access) -> Iterator[tuple[Reader, DecisionStore]]:
    """Open the decision store beside a reader, or the one that is open for writing."""
    live = access.session.live
    if live is not None:
        yield live.reader, live.decisions
        return
    reader = access.reader()
    store = DecisionStore(reader.stores)
    try:
        yield reader, store
    finally:
        store.close()


def _names_of(reader: Reader, customer: str) -> list[bytes]:
    """Return every name of a customer, as decisions are kept under the name they were asked for."""
    who = reader.find(customer)
    found, waiting = {who}, [who]
    while waiting:
        info = reader.timelines.node(waiting.pop())
        fresh = set(info.members if info is not None else ()) - found
        found |= fresh
        waiting += fresh
    return sorted(found)


def _info(decided: Decided) -> DecisionInfo:
    answer = msgspec.json.decode(decided.answer)
    placements = {name: [item["offer"] for item in one["items"]] for name, one in answer["placements"].items()}
    return DecisionInfo(decided.decision, decided.customer, format_instant(decided.now), answer["status"], placements)


def _found(store: DecisionStore, decision_id: str) -> Decided:
    decided = store.find(decision_id)
    if decided is None:
        raise UserError(_no_decision(decision_id))
    return decided


def _no_decision(decision_id: str) -> Problem:
    why = "no decision of that id was recorded here"
    return Problem(f"the decision {decision_id!r}", why, "See `onefold decisions list`; a dry run is not recorded.")


def _reported(live: Live, decided: Decided, message_id: str) -> int:
    """Return when an outcome happens: now, or when it was first reported under the same message id."""
    rows = rows_of_person(live.reader.timelines, live.stores.codec.node(decided.customer))
    before = times_of(rows[hashes_of(rows) == message_hash(message_id)])
    return int(before[0]) if len(before) else live.stamps()


def _outcome(decided: Decided, offer: str, outcome: str, placements: Mapping[str, Placement]) -> dict[str, Any]:
    """Return what an outcome says of the offer: where and how the decision chose it."""
    known = [one.value for one in Outcome if one is not Outcome.RESERVED]
    if outcome not in known:
        raise UserError(Problem(f"the outcome {outcome!r}", "it is not known", f"Use one of: {', '.join(known)}."))
    answer = msgspec.json.decode(decided.answer)
    request = msgspec.json.decode(decided.request, type=Request)
    for name, placement in answer["placements"].items():
        for item in placement["items"]:
            if item["offer"] == offer:
                said = {"decision_id": decided.decision, "offer": offer, "treatment": item["treatment"]}
                channel = request.channel or (placements[name].channel if name in placements else None)
                return {**said, "placement": name, **({"channel": channel} if channel else {})}
    raise UserError(Problem(f"the offer {offer!r}", "the decision did not choose it", "Name one of its items."))
