"""Recorded decisions against decisions made again from the log, with the oracle's reading of the customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from onefold.core.types import Purpose
from onefold.decisions.answer import encode
from onefold.decisions.contact.moment import Contact, Outcome, Preference, Wish
from onefold.decisions.decide import Stamp, decide
from onefold.decisions.exposures import oldest_of
from onefold.decisions.request import Request
from onefold.decisions.situation import Situation
from onefold.governance.records import Decided
from onefold.language.values import Value as SeenValue
from onefold.oracle.consent import is_granted
from onefold.oracle.events import OracleEvent, Value, events_that_exist
from onefold.oracle.genome import events_of, row_of
from onefold.oracle.lines import LoggedEvent
from onefold.oracle.people import people
from onefold.oracle.segments import SegmentOracle
from onefold.segments.definitions import name_in_row
from onefold.sources.reserved import PREFERENCE_SET
from onefold.workspace.decision_store import DecisionStore
from onefold.workspace.evidence import Evidence, Mismatch, Tally
from onefold.workspace.past import Past
from onefold.workspace.reader import Reader
from onefold.workspace.results import TIMEZONE
from onefold.workspace.situations import context_of, own_zone
from onefold.workspace.verify_segments import segment_oracle

DECISION = "decision"
_OFFERS = {f"offer_{outcome}": outcome for outcome in Outcome}


def decisions(evidence: Evidence, tally: Tally) -> None:
    """Compare the newest recorded decisions, as many as customers are looked at, byte for byte."""
    store = DecisionStore(evidence.reader.stores)
    try:
        total = store.count()
        limit = total if evidence.sample is None else min(total, evidence.sample)
        again = _Again(evidence)
        for done, decided in enumerate(store.newest(limit=limit) if limit else (), 1):
            made, kept = again.made(decided), decided.answer
            tally.compare(
                Mismatch(decided.customer, DECISION, decided.now, decided.known, _brief(kept, made), _brief(made, kept))
            )
            evidence.progress("Comparing decisions", done, limit)
    finally:
        store.close()


def _brief(one: bytes, other: bytes) -> str:
    """Return where an answer differs from another; nothing where it does not."""
    if one == other:
        return ""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(at - 20, 0) : at + 60].decode(errors="replace")


class _Again:
    """Makes decisions again: only the funnel itself is shared with what is checked."""

    def __init__(self, evidence: Evidence) -> None:
        self._past, self._evidence = Past(evidence.reader), evidence
        self._kin = _kin(evidence.records)
        self._oracle = lru_cache(maxsize=8)(self._oracle_under)

    def _oracle_under(self, digest: str) -> tuple[Reader, SegmentOracle]:
        reader = self._past.under(digest)
        return reader, segment_oracle(reader.definitions, self._evidence)

    def made(self, decided: Decided) -> bytes:
        """Return the answer to a recorded request."""
        reader, oracle = self._oracle(decided.definitions)
        request = msgspec.json.decode(decided.request, type=Request)
        rank = reader.stores.codec.node
        known = people(self._kin.get(decided.customer, ()), decided.known, rank)
        person = next((one for one in known.values() if decided.customer in one.names), None)
        events = [] if person is None else events_of(person, reader.definitions.features)
        situation = _situation(reader, oracle, events, request, decided)
        stamp = Stamp(decided.decision, decided.known, decided.definitions)
        seed = reader.stores.seeds.seed(decided.decision)
        return encode(decide(reader.results().prepared, request, situation, stamp=stamp, seed=seed))


def _kin(records: Sequence[LoggedEvent]) -> dict[str, list[LoggedEvent]]:
    """Return, by each name, the events of all names that links ever joined to it."""
    group: dict[str, set[str]] = {}
    for one in records:
        names = {one.event.node} | ({one.event.alias} if one.event.alias else set())
        joined = set[str]().union(*(group.get(name, {name}) for name in names))
        if len(joined) > len(group.get(one.event.node, ())):
            group |= dict.fromkeys(joined, joined)
    found: dict[int, list[LoggedEvent]] = defaultdict(list)
    for one in records:
        found[id(group[one.event.node])].append(one)
    return {name: found[id(names)] for name, names in group.items()}


def _situation(
    reader: Reader, oracle: SegmentOracle, events: Sequence[OracleEvent], request: Request, decided: Decided
) -> Situation:
    now, known, definitions = decided.now, decided.known, reader.definitions
    home, catalogue = definitions.config.zone, definitions.catalogue
    exists = any(one.time <= now for one in events)
    members = oracle.members(events, now=now, known=known) if exists else frozenset[str]()
    inside: dict[str, SeenValue] = {name_in_row(name): name in members for name in definitions.segments.segments}
    row = row_of(oracle.oracle.genome(events, now=now, known=known), inside)
    own = own_zone(row.get(TIMEZONE), home)

    def consent(purpose: Purpose, channel: str) -> bool:
        own_needed = channel in catalogue.own_consent
        return is_granted(events, purpose, channel, now=now, known=known, needs_own=own_needed)

    oldest = oldest_of(definitions.features.retention, home, now)
    standing = [
        one
        for one in events_that_exist(events, known)
        if one.time <= now and one.time >= oldest.get(one.source, one.time)
    ]
    return Situation(
        now=now,
        today=home.day(now),
        home=home,
        zone=own,
        row=row.with_more(context_of(request, own, now)),
        consent=consent,
        contacts=list(_contacts(standing)),
        preferences=list(_preferences(standing)),
    )


def _contacts(events: Sequence[OracleEvent]) -> Iterator[Contact]:
    for one in events:
        if one.source in _OFFERS:
            offer, treatment, placement, channel, decision = (
                _text(one.properties[name]) for name in ("offer", "treatment", "placement", "channel", "decision_id")
            )
            yield Contact(_OFFERS[one.source], one.time, offer, treatment, placement, channel, decision)


def _preferences(events: Sequence[OracleEvent]) -> Iterator[Preference]:
    for one in events:
        wish = one.properties.get("preference") if one.source == PREFERENCE_SET else None
        if wish in set(Wish):
            until = one.properties["until"]
            topic, channel = _text(one.properties["topic"]), _text(one.properties["channel"])
            yield Preference(Wish(str(wish)), one.time, topic, channel, until if isinstance(until, int) else None)


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None
