"""Consent read off the timeline: the latest statement of a purpose, in general and for one channel.

A consent is an event like any other, so it is ``last`` over ``consent_changed`` events. The gate is fail-closed:

- A purpose is granted in general iff the newest statement without a channel says ``granted`` and has not expired.
- For a channel, the newest statement *for that channel* decides where there is one; it must say ``granted``, and no
  later general statement may take the purpose back. Where there is none, the general statement decides - unless the
  channel needs a consent of its own (e-mail: the workspace says which).
- ``service`` needs no consent: it is what the bank owes its customers anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NULL, text_code
from onefold.core.schema import Schema
from onefold.core.types import Gate, Purpose
from onefold.features.aggregates.last import LAST
from onefold.features.aggregates.since import SINCE_LAST
from onefold.features.definitions import Aggregated, Feature
from onefold.features.genomes import Genomes
from onefold.features.sources import kinds_of
from onefold.features.tables import NEVER
from onefold.features.windows import ALL_TIME
from onefold.language.ast import Node
from onefold.language.parse import parse_predicate
from onefold.language.scope import Scope
from onefold.sources.reserved import CONSENT_CHANGED

ALWAYS_GRANTED = frozenset({Purpose.SERVICE})
_GRANTED = text_code("granted")


def consent_features(schema: Schema, gates: Iterable[Gate]) -> dict[str, Feature]:
    """Return the features that tell whether gates are open, under names that no workspace can take."""
    wanted = {gate for purpose, channel in gates for gate in ((purpose, None), (purpose, channel))}
    found: dict[str, Feature] = {}
    for gate in sorted(wanted, key=str):
        if gate[0] not in ALWAYS_GRANTED:
            found |= _features(schema, gate)
    return found


def _features(schema: Schema, gate: Gate) -> dict[str, Feature]:
    source = schema.events[CONSENT_CHANGED]
    where = _where(schema, gate)
    name = _name(gate)

    def last(what: str) -> Aggregated:
        return Aggregated(LAST, source.name, source.property(what), ALL_TIME, where, every_event=True)

    since = Aggregated(SINCE_LAST, source.name, None, ALL_TIME, where)
    bodies = {name: last("status"), f"{name}.expires": last("expires"), f"{name}.since": since}
    return {name: Feature(name, body) for name, body in bodies.items()}


def _where(schema: Schema, gate: Gate) -> Node:
    purpose, channel = gate
    about = "channel IS NULL" if channel is None else f"channel = '{channel}'"
    scope = Scope(kinds_of(schema.events[CONSENT_CHANGED].properties))
    return parse_predicate(f"purpose = '{purpose}' AND {about}", scope)


def _name(gate: Gate) -> str:
    purpose, channel = gate
    return f"consent.{purpose}" if channel is None else f"consent.{purpose}@{channel}"


@dataclass(frozen=True, slots=True, eq=False)
class Statements:
    """The newest statement of a gate, a row each customer: given, granted at ``now``, days since, end or NEVER."""

    given: NDArray[np.bool_]
    granted: NDArray[np.bool_]
    since: NDArray[np.float64]
    ends: NDArray[np.int64]


def statements(genomes: Genomes, gate: Gate) -> Statements:
    """Read the newest statements of a gate off genomes whose plan holds its :func:`consent_features`."""
    names, name = genomes.plan.names, _name(gate)
    since = genomes.words[:, names[f"{name}.since"]].view(np.float64)
    status, expires = genomes.words[:, names[name]], genomes.words[:, names[f"{name}.expires"]]
    given = ~np.isnan(since)
    granted = given & (status == _GRANTED) & ((expires == NULL) | (genomes.now < expires))
    ends = np.where(granted & (expires != NULL), expires, NEVER)
    return Statements(given, granted, since, ends)


def granted(genomes: Genomes, gate: Gate, *, needs_own: bool = False) -> NDArray[np.bool_]:
    """Return for each customer whether a gate is open at the genomes' ``now``.

    ``needs_own`` says that the channel needs a statement of its own.
    """
    purpose, channel = gate
    if purpose in ALWAYS_GRANTED:
        return np.ones(len(genomes), bool)
    general = statements(genomes, (purpose, None))
    if channel is None:
        return general.granted
    own = statements(genomes, gate)
    taken_back = general.given & ~general.granted & (general.since <= own.since)
    fallback = np.zeros(len(genomes), bool) if needs_own else general.granted
    return np.where(own.given, own.granted & ~taken_back, fallback)
