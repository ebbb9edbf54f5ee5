"""``verify`` recomputes segments and decisions too, and finds what is served or was decided otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.acceptance.shop import NOON, Shop, track

from onefold.decisions.contact.cap import Cap
from onefold.segments import membership
from onefold.segments.hold import Holding
from onefold.workspace.evidence import Verification

FILES = {
    "segments/all.yaml": """
segments:
  reader:  {when: pages > 0, purpose: marketing}
  lively:  {when: "mortgage_views_7d > 1", hold: 3d}
  wanted:  {when: "in_segment('reader') AND in_segment('lively')"}
  first:   {when: logins > 0, dimension: way}
  second:  {when: pages > 0, dimension: way}
""",
    "offers/all.yaml": """
offers:
  loan:
    product: loan
    purpose: marketing
    eligible: in_segment('wanted')
    treatments: {banner: {kind: ad, channels: [web]}}
  tips:
    product: tips
    purpose: service
    treatments: {article: {kind: article, channels: [web]}}
""",
    "placements.yaml": "placements: {hero: {channel: web, limit: 2}}\n",
    "policies.yaml": "policies: {contact: [{cap: 3, within: 1d}]}\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path / "shop", FILES)
    messages: list[dict[str, Any]] = []
    for at, user in enumerate("abcdefgh"):
        day = f"2026-05-{20 + at}"
        messages += [track("page_viewed", f"{day}T0{hour}:00:00Z", user, path="/mortgage/x") for hour in (7, 8)]
        if at % 2:
            consent = {"purpose": "marketing", "status": "granted" if at % 4 == 1 else "denied"}
            messages.append(track("consent_changed", f"{day}T09:00:00Z", user, **consent))
        if at % 3:
            messages.append(track("login", f"{day}T10:00:00Z", user))
    shop.send(*messages)
    return shop


def _decide(shop: Shop) -> None:
    for user in ("b", "f", "h", "nobody"):
        for _ in range(3):
            shop.bank.decide(user, "hero", at=NOON)


def _verified(shop: Shop) -> Verification:
    return shop.bank.verify(sample=None, at=NOON)


def test_what_is_served_and_was_decided_is_what_the_log_says(shop: Shop) -> None:
    _decide(shop)
    found = _verified(shop)
    assert (found.mismatches, found.customers) == (0, 9)  # a reservation made nobody a customer
    assert {one.name: one.count for one in shop.bank.segments.sizes(at=NOON)} == {
        "reader": 2,
        "lively": 5,
        "wanted": 1,
        "first": 5,
        "second": 3,
    }


def test_a_gate_that_stands_open_is_found(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "granted", lambda genomes, _gate: np.ones(len(genomes), bool))
    assert set(_verified(shop).by_name) >= {"segment.reader", "segment.wanted"}


def test_a_hold_that_is_forgotten_is_found(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Holding, "held", lambda *given, **_: given[2])
    assert "segment.lively" in _verified(shop).by_name


def test_a_dimension_that_is_forgotten_is_found(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "_first", lambda *given: given[1])
    assert "segment.second" in _verified(shop).by_name


def test_a_cap_that_did_not_count_is_found(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Cap, "objection", lambda *_: None)
        _decide(shop)
    found = _verified(shop)
    assert found.by_name == {"decision": 2}
    assert shop.bank.decisions.replay().mismatches == 2
