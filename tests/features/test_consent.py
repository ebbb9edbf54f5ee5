"""Consent off the timeline against a naive reading of the rule, on random statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.harness import run
from tests.oracles.genome import OracleEvent

from onefold.core.schema import Schema
from onefold.core.types import Purpose
from onefold.core.zone import zone
from onefold.features.consent import consent_features, granted, statements
from onefold.features.definitions import FeatureSet
from onefold.features.engine import Engine
from onefold.features.plan import build_plan
from onefold.features.tables import NEVER
from onefold.profiles.layout import Layout
from onefold.sources.reserved import reserved_events

SCHEMA = Schema(reserved_events(2))
GATES = [(Purpose.MARKETING, None), (Purpose.MARKETING, "email"), (Purpose.THIRD_PARTY, None)]
ENGINE = Engine(build_plan(FeatureSet(SCHEMA).with_more(consent_features(SCHEMA, GATES)), Layout(SCHEMA)), zone("UTC"))


@dataclass(frozen=True)
class Said:
    purpose: str
    channel: str | None
    status: str
    time: int
    expires: int | None = None


def _events(said: Sequence[Said]) -> list[OracleEvent]:
    return [
        OracleEvent(
            "consent_changed",
            one.time,
            f"m{at}",
            one.time,
            {"purpose": one.purpose, "channel": one.channel, "status": one.status, "expires": one.expires},
            order=at,
        )
        for at, one in enumerate(said)
    ]


def _newest(said: Sequence[Said], purpose: str, channel: str | None, now: int) -> Said | None:
    about = [one for one in said if (one.purpose, one.channel) == (purpose, channel) and one.time <= now]
    return max(enumerate(about), key=lambda pair: (pair[1].time, pair[0]))[1] if about else None


def _open(one: Said | None, now: int) -> bool:
    return one is not None and one.status == "granted" and (one.expires is None or now < one.expires)


def _naive(said: Sequence[Said], purpose: str, channel: str | None, now: int, *, needs_own: bool) -> bool:
    general = _newest(said, purpose, None, now)
    own = _newest(said, purpose, channel, now) if channel else None
    if channel is None or (own is None and not needs_own):
        return _open(general, now)
    if own is None or (general is not None and not _open(general, now) and general.time >= own.time):
        return False
    return _open(own, now)


_said = st.builds(
    Said,
    purpose=st.sampled_from(["marketing", "third_party"]),
    channel=st.sampled_from([None, "email", "web"]),
    status=st.sampled_from(["granted", "granted", "denied", "withdrawn"]),
    time=st.integers(0, 12),
    expires=st.none() | st.integers(0, 14),
)


@settings(max_examples=300, deadline=None)
@given(said=st.lists(_said, max_size=7), now=st.integers(0, 14), needs_own=st.booleans())
def test_a_gate_is_open_as_the_rule_says(said: list[Said], now: int, needs_own: bool) -> None:
    genomes = run(ENGINE, _events(said), now=now)
    for purpose, channel in GATES:
        ours = bool(granted(genomes, (purpose, channel), needs_own=needs_own)[0])
        assert ours is _naive(said, purpose, channel, now, needs_own=needs_own), (purpose, channel)


def test_service_needs_no_consent_and_takes_no_feature() -> None:
    assert consent_features(SCHEMA, [(Purpose.SERVICE, "web")]) == {}
    assert granted(run(ENGINE, [], now=5), (Purpose.SERVICE, None)).tolist() == [True]


def test_a_granted_consent_says_when_it_ends() -> None:
    said = [Said("marketing", None, "granted", 1, expires=9), Said("third_party", None, "denied", 1, expires=4)]
    genomes = run(ENGINE, _events(said), now=5)
    assert [statements(genomes, gate).ends.tolist() for gate in GATES] == [[9], [NEVER], [NEVER]]
    assert statements(run(ENGINE, _events(said), now=9), GATES[0]).ends.tolist() == [NEVER]
    assert not np.any(granted(run(ENGINE, _events(said), now=9), GATES[0]))
