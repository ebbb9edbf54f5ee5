"""A published set holds the library as it was: a later release with another one changes no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.acceptance.command import Onefold
from tests.acceptance.shop import Shop, track
from tests.library.conftest import shop_of

from onefold.workspace import library

AT = "2026-06-20T00:00:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = shop_of(tmp_path / "bank", "include: standard\n")
    shop.send(
        track("card_purchase", "2026-06-01T09:00:00Z", amount=10),
        track("card_purchase", "2026-06-15T09:00:00Z", amount=5),
    )
    return shop


def later_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the release have another library: `spend_30d` is of seven days, `age` is gone, `twice` is new."""
    read = json.loads(library.library_text())
    read["features"]["spend_30d"]["within"] = "7d"
    del read["features"]["age"], read["features"]["life_stage_inferred"]
    read["features"]["twice"] = {"expr": "spend_30d * 2", "title": "Twice", "family": "financial", "layer": "derived"}
    text = json.dumps(read)
    monkeypatch.setattr(library, "library_text", lambda: text)


def test_a_later_release_changes_nothing_published(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shop.bank.genome("u1", at=AT)
    assert before.features["spend_30d"] == 15
    later_release(monkeypatch)
    shop.bank.close()
    assert shop.bank.genome("u1", at=AT) == before
    assert shop.bank.status().draft_differs
    draft = shop.bank.genome("u1", at=AT, draft=True)
    assert draft.features["spend_30d"] == 5
    assert draft.features["twice"] == 10
    assert "age" not in draft.features
    assert draft.definitions != before.definitions


def test_plan_apply_and_rollback_tell_the_libraries_apart(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shop.bank.status().definitions
    assert shop.bank.plan().changes == {}
    later_release(monkeypatch)
    changes = shop.bank.plan().changes
    assert changes["files"] == {"changed": ["library/standard.json"]}
    assert changes["features"] == {
        "added": ["twice"],
        "changed": ["spend_30d"],
        "removed": ["age", "life_stage_inferred"],
    }
    done, new = shop.bank.apply()
    assert new
    assert done.digest != first
    assert shop.bank.genome("u1", at=AT).features["spend_30d"] == 5
    assert shop.bank.rollback().digest == first
    genome = shop.bank.genome("u1", at=AT)
    assert genome.features["spend_30d"] == 15
    assert genome.definitions == first
    known = shop.bank.genome("u1", at=AT, known="2026-07-01")
    assert known.features == genome.features


def test_the_library_is_part_of_the_digest_only_where_it_is_included(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = shop_of(tmp_path / "plain", "features:\n  n: {count: login}\n")
    before = plain.bank.check().digest
    later_release(monkeypatch)
    assert plain.bank.check().digest == before


def test_genome_says_what_is_known_and_what_more_needs(tmp_path: Path, onefold: Onefold) -> None:
    events = "events:\n  card_purchase:\n    amount: money\n  login: {}\n"
    shop = shop_of(tmp_path / "bank", "include: {standard: {families: [financial, digital]}}\n", events)
    shop.send(track("card_purchase", "2026-06-15T09:00:00Z", amount=5))
    words = ("genome", "u1", "-w", shop.folder, "--at", AT)
    said = onefold(*words).fine().out
    assert "\ndigital: 30 % known; 20 more need: page_viewed, login.device, contact_made, screen_viewed ...\n" in said
    assert "\nfinancial: " in said
    long = onefold(*words, "--long", "--json").fine().json
    assert long["missing"]["digital"]["favourite_screen"] == ["screen_viewed"]
    assert "favourite_screen" not in long["features"]
    assert "missing" not in onefold(*words, "--json").fine().json
    assert long["completeness"].keys() == {"digital", "financial"}
