"""Memberships as they are served against those of the log."""

from __future__ import annotations

from onefold.core.instant import format_instant
from onefold.oracle.segments import SegmentOracle
from onefold.workspace.definitions import Definitions
from onefold.workspace.evidence import Evidence, Mismatch, Tally
from onefold.workspace.reader import one_person

SEGMENT = "segment"


RANKED = 3
"""Customers whose changes are compared where features rank: each moment takes a reading of everybody."""


def segment_oracle(definitions: Definitions, evidence: Evidence) -> SegmentOracle:
    """Return an oracle of the memberships of a set of definitions."""
    segments, catalogue = definitions.segments, definitions.catalogue
    above = [*segments.expressions, *catalogue.expressions]
    return SegmentOracle(segments, evidence.oracle_of(definitions.features, definitions.config.zone.name, above))


def segments(evidence: Evidence, tally: Tally) -> None:
    """Compare the memberships of the sampled customers at the moment asked, as one reading of all serves them."""
    reader, at, known = evidence.reader, evidence.at, evidence.known
    wanted = reader.definitions.segments.segments
    if not wanted:
        return
    oracle, done = segment_oracle(reader.definitions, evidence), 0
    nodes = {reader.stores.codec.node(name): name for name in evidence.customers}
    for roots, members in reader.members(now=at, known=known):
        for row, root in enumerate(roots):
            if root in nodes and members.genomes.present[row]:
                events = evidence.events(evidence.people[nodes[root]])
                inside = oracle.members(events, now=at, known=known)
                for name in wanted:
                    served = bool(members.inside[name][row])
                    tally.compare(Mismatch(nodes[root], f"{SEGMENT}.{name}", at, known, served, name in inside))
        done += len(roots)
        evidence.progress(f"Comparing segments at {format_instant(at)}", done, None)


def flips(evidence: Evidence, tally: Tally) -> None:
    """Compare the instants at which the sampled customers next enter or leave: before, on and after each."""
    reader, known = evidence.reader, evidence.known
    if not reader.definitions.segments.segments:
        return
    oracle, membership = segment_oracle(reader.definitions, evidence), reader.results().membership
    for done, name in enumerate(evidence.customers[: RANKED if evidence.ranked else None], 1):
        events = evidence.events(evidence.people[name])
        _, rows = reader.person(name, known=known)
        times = sorted({event.time for event in events if event.time <= evidence.at})
        start = evidence.dice(name).choice(times) if times else evidence.at
        found = membership.history.changes(rows, start, evidence.at, known=known)[:2]
        for at in sorted({one.at + more for one in found for more in (-1, 0)}):
            members = membership.read(rows, one_person(rows), now=at, known=known)
            served = ", ".join(members.names(0))
            wanted = ", ".join(sorted(oracle.members(events, now=at, known=known)))
            tally.compare(Mismatch(name, SEGMENT, at, known, served, wanted if members.genomes.present[0] else ""))
        evidence.progress("Comparing changes of segments", done, len(evidence.customers))
