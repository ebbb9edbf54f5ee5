"""Genomes as they are served against those of the log: who there is, by which names, and every value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from onefold.core.errors import UserError
from onefold.core.instant import format_instant, from_datetime
from onefold.features.engine import FOREVER
from onefold.oracle.events import OracleEvent
from onefold.oracle.genome import Oracle, OracleGenome
from onefold.oracle.people import Person
from onefold.workspace.evidence import Evidence, Mismatch, Tally, Value

MOMENTS = 1
"""Event times of each customer about which, and about the next change after which, genomes are compared."""
ARRIVALS = 1
"""Past arrivals as of which, and just before which, everything is compared once more."""
RANKED = 3
"""Customers whose ranks are compared at moments of their own, too: each takes a reading of everybody."""
NEXT_CHANGE, CUSTOMER = "next_change", "customer"


def everybody(evidence: Evidence, tally: Tally) -> None:
    """Compare the set of customers, and the sampled genomes, as one reading of all of them serves them.

    Once at the moment asked about; then, unless that states what was known, as of some past arrivals and the instants
    just before them, as training data are read.
    """
    _everybody(evidence, tally, evidence.people, evidence.at, evidence.known)
    if evidence.known != FOREVER:
        return
    arrivals = sorted({one.known_at for one in evidence.records})
    some = evidence.dice("").sample(arrivals, min(ARRIVALS, len(arrivals)))
    for known in sorted({moment for arrival in some for moment in (arrival - 1, arrival)}):
        _everybody(evidence, tally, evidence.people_of(known), known, known)


def _everybody(evidence: Evidence, tally: Tally, people: dict[str, Person], at: int, known: int) -> None:
    names = {evidence.reader.stores.codec.node(name): name for name in people}
    wanted = {name for name, person in people.items() if person.known and evidence.oracle.exists(person, now=at)}
    chosen, served, done = set(evidence.customers), set[str](), 0
    for roots, genomes in evidence.reader.everybody(now=at, known=known):
        for row, root in enumerate(roots):
            if not genomes.present[row]:
                continue
            name = names.get(root) or evidence.reader.names([root])[0]
            served.add(name)
            if name in chosen:
                found = _recomputed(evidence, people.get(name), at, known)
                values: dict[str, Value] = dict(genomes.values(row))
                _compare(tally, name, found, values, _text(genomes.next_change(row)), at, known)
        done += len(roots)
        evidence.progress(f"Comparing everybody at {format_instant(at)}", done, None)
    for name in sorted(wanted | served):
        tally.compare(Mismatch(name, CUSTOMER, at, known, name in served, name in wanted))


def one_by_one(evidence: Evidence, tally: Tally) -> None:
    """Compare the sampled customers, each as asked for by name, at moments of their own.

    These are the instants about some of their events, and those about the next changes that are served: window edges.
    """
    unranked = Oracle(evidence.oracle.features, evidence.oracle.zone, evidence.reader.engine().plan.above)
    for done, name in enumerate(evidence.customers, 1):
        person = evidence.people[name]
        events = evidence.events(person)
        for at in _moments(evidence, name, events):
            skipped = evidence.ranked if done > RANKED and at != evidence.at else frozenset[str]()
            oracle = unranked if skipped else evidence.oracle
            found = oracle.genome(events, now=at, known=evidence.known)
            try:
                served = evidence.reader.genome(name, now=at, known=evidence.known)
            except UserError:  # the name is not among the timelines
                tally.compare(Mismatch(name, CUSTOMER, at, evidence.known, None, name))
                continue
            tally.compare(Mismatch(name, CUSTOMER, at, evidence.known, served.customer, name))
            values: dict[str, Value] = dict(served.features)
            _compare(tally, name, found, values, served.next_change, at, evidence.known, skipped)
        evidence.progress("Comparing one by one", done, len(evidence.customers))


def names(evidence: Evidence, tally: Tally) -> None:
    """Compare by which names the sampled customers are found."""
    node = evidence.reader.stores.codec.node
    for customer in evidence.customers:
        for name in sorted(evidence.people[customer].names):
            try:
                found = evidence.reader.find(name, known=evidence.known)
            except UserError:
                served = None
            else:
                served = customer if found == node(customer) else evidence.reader.names([found])[0]
            tally.compare(Mismatch(name, CUSTOMER, evidence.at, evidence.known, served, customer))


def _moments(evidence: Evidence, name: str, events: list[OracleEvent]) -> Iterator[int]:
    """Yield the moments at which one customer is looked at, each once: at most 10."""
    times = sorted({event.time for event in events if event.time <= evidence.at})
    about = evidence.dice(name).sample(times, min(MOMENTS, len(times)))
    edges = [_change(evidence, name, at) for at in (evidence.at, *about)]
    some = [at for at in (*about, *edges) if at is not None]
    yield from sorted({evidence.at, *(at + more for at in some for more in (-1, 0, 1))})


def _change(evidence: Evidence, name: str, at: int) -> int | None:
    """Return the next change that is served."""
    try:
        change = evidence.reader.genome(name, now=at, known=evidence.known).next_change
    except UserError:
        return None
    return None if change is None else from_datetime(datetime.fromisoformat(change))


def _recomputed(evidence: Evidence, person: Person | None, at: int, known: int) -> OracleGenome:
    return evidence.oracle.genome(evidence.events(person), now=at, known=known)


def _compare(
    tally: Tally,
    name: str,
    found: OracleGenome,
    served: dict[str, Value],
    change: str | None,
    at: int,
    known: int,
    skipped: frozenset[str] = frozenset(),
) -> None:
    tally.looked(name)
    for feature, value in found.values.items():
        if feature in skipped:
            continue
        tally.compare(Mismatch(name, feature, at, known, served.get(feature), value))
    tally.compare(Mismatch(name, NEXT_CHANGE, at, known, change, _text(found.next_change)))


def _text(change: int | None) -> str | None:
    return None if change is None else format_instant(change)
