"""Random messages, in random order and batches, with restarts and deleted timelines: one genome."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acceptance.shop import Clock, Shop, identify, page, track

from onefold.core.errors import UserError
from onefold.core.instant import to_datetime

EPOCH = datetime(2026, 5, 1, tzinfo=UTC)
PEOPLE = ("ann", "bob")
DEVICES = ("phone", "tablet")
KNOWN = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z")
"""The three days on which messages arrive; which of them is part of a message's fate, not of its order."""

times = st.integers(0, 20).map(lambda step: (EPOCH + timedelta(hours=12 * step)).isoformat().replace("+00:00", "Z"))
people = st.sampled_from(PEOPLE)
devices = st.sampled_from(DEVICES)


def messages_of(ids: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Return messages of every kind that moves an answer."""
    amounts = st.integers(-300, 300).map(lambda cents: cents / 100)
    return st.one_of(
        st.builds(
            lambda at, who, amount, key: track("card_purchase", at, who, amount=amount, id=key),
            times, people, amounts, ids,
        ),
        st.builds(lambda at, who, key: page("/mortgage", at, None, anon=who, id=key), times, devices, ids),
        st.builds(lambda at, who, key: page("/b", at, who, id=key), times, people, ids),
        st.builds(
            lambda at, who, on, key: identify(at, who, anon=on, region=who + at, id=key),
            times, people, devices, ids,
        ),
        st.builds(
            lambda at, who, on, key: track("identity_unlinked", at, who, identifier=f"anon:{on}", id=key),
            times, people, devices, ids,
        ),
        st.builds(
            lambda at, who, what, key: track("event_retracted", at, who, message_id=f"m{what}", id=key),
            times, people, st.integers(0, 14), ids,
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A message and the day on which it arrives."""

    message: dict[str, Any]
    day: int


@st.composite
def streams(draw: st.DrawFn) -> list[Sent]:
    """Draw up to 14 messages with ids of their own."""
    count = draw(st.integers(1, 14))
    return [Sent(draw(messages_of(st.just(f"m{at}"))), draw(st.integers(0, 2))) for at in range(count)]


def answers(shop: Shop) -> dict[str, Any]:
    """Return what every name's genome says at some moments, as of what was known on each day."""
    found: dict[str, Any] = {}
    for name in (*PEOPLE, *(f"anon:{device}" for device in DEVICES)):
        for at in ("2026-05-03T12:00:00Z", "2026-05-08T00:00:00.000001Z", "2026-06-10"):
            for known in (*KNOWN, None):
                try:
                    genome = shop.bank.genome(name, at=at, known=known)
                    said: Any = (genome.customer, dict(genome.features), genome.next_change)
                except UserError:
                    said = "nobody"
                found[f"{name} {at} {known}"] = said
    found["all"] = sorted(map(str, shop.bank.genomes(at="2026-06-10", visitors=True).to_pylist()))
    return found


def forget(shop: Shop) -> None:
    shop.bank.close()
    shutil.rmtree(shop.folder / ".onefold" / "timelines")


@settings(deadline=None, max_examples=8)
@given(stream=streams(), data=st.data())
def test_the_genome_does_not_depend_on_how_messages_came(stream: list[Sent], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        plain, odd = Shop(Path(name) / "plain"), Shop(Path(name) / "odd")
        for day, known in enumerate(KNOWN):
            today = [sent.message for sent in stream if sent.day == day]
            for shop in (plain, odd):
                shop.clock.set(known)
            if today:
                plain.send(*today)
            shuffled = data.draw(st.permutations(today))
            repeats = data.draw(st.lists(st.sampled_from(today), max_size=3)) if today else []
            for batch in cut(shuffled + repeats, data.draw(st.integers(1, 5))):
                odd.send(*batch)
                if data.draw(st.booleans()):
                    forget(odd)
        assert answers(odd) == answers(plain)
        forget(plain)
        again = answers(plain)
        assert again == answers(odd)
        for shop in (plain, odd):
            shop.bank.close()


def cut(some: Sequence[dict[str, Any]], size: int) -> list[Sequence[dict[str, Any]]]:
    return [some[at : at + size] for at in range(0, len(some), size)]


def test_the_clock_of_these_tests() -> None:
    clock = Clock(KNOWN[0])
    assert to_datetime(clock()).isoformat() == "2026-06-01T00:00:00+00:00"
