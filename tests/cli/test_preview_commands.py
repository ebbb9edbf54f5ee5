from __future__ import annotations

import pytest
from tests.acceptance.command import Onefold
from tests.acceptance.shop import Shop, identify, track

KEYS = "count share population ms as_of sample change overlap age_seconds cached".split()


@pytest.fixture
def bank(shop: Shop) -> Shop:
    """Thirty customers, one of whom stands out."""
    shop.write("segments/all.yaml", "segments:\n  buyer: {when: purchases > 0}\n")
    for at in range(30):
        shop.send(
            track("card_purchase", "2026-05-28", f"u{at}", amount=1000 if at == 7 else 10 + at),
            identify("2026-05-28", f"u{at}", region="Praha" if at == 7 else "Brno"),
        )
    return shop


def test_a_preview(bank: Shop, onefold: Onefold) -> None:
    asked = ("segments", "preview", "spend > 30", "-w", bank.folder)
    first, second = (onefold(*asked, "--json").fine().json for _ in range(2))
    assert list(first) == KEYS
    assert (first["cached"], first["age_seconds"], second["cached"]) == (False, 0.0, True)
    assert second["age_seconds"] > 0
    for found in (first, second):
        assert (found["count"], found["population"], found["change"], found["overlap"]) == (10, 30, 0, {"buyer": 10})
    said = onefold(*asked).fine().out
    assert "10 of 30 customers (33.3 %)" in said
    assert "ms, as many as the day before." in said
    assert "buyer" in said
    assert "From columns made " in said
    then = onefold(*asked, "--at", "2026-05-28T01:00:00Z").fine().out
    assert "ms, +10 since the day before." in then
    assert "From columns" not in then


def test_markers(bank: Shop, onefold: Onefold) -> None:
    asked = ("genome", "u7", "-w", bank.folder)
    found = onefold(*asked, "--json").fine().json["markers"]
    assert [one["feature"] for one in found] == ["region", "spend"]
    assert found[0].keys() == {"feature", "value", "text", "surprise", "share"}
    assert found[1].keys() == {"feature", "value", "text", "surprise", "percentile", "median"}
    assert (found[1]["value"], found[1]["median"]) == (1000.00, 25.5)
    said = onefold(*asked).fine().out
    assert "what stands out" in said
    assert "region = Praha: 3 % of customers" in said
    assert "spend 39x the median of the bank" in said
    assert onefold(*asked, "--json", "--no-markers").fine().json["markers"] == []
    assert "what stands out" not in onefold("genome", "u8", "-w", bank.folder).fine().out
