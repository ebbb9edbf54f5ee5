"""``onefold verify``: its exit status, what it prints for people, and for machines."""

from __future__ import annotations

import pytest
from tests.acceptance.command import Onefold
from tests.acceptance.shop import Shop, identify, track

from onefold.features.genomes import Genomes
from onefold.features.values import Value

KEYS = [
    "customers", "moments", "values", "mismatches", "by_name", "examples", "at", "known", "definitions", "seed",
]  # fmt: skip


@pytest.fixture
def filled(shop: Shop) -> Shop:
    """A shop with three customers."""
    shop.send(
        *(track("card_purchase", "2026-05-04T09:00:00Z", name, amount=12.5, category="travel") for name in "abc"),
        identify("2026-05-05", "a", region="north"),
    )
    return shop


@pytest.fixture
def dearer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault: everybody spent nothing."""
    value = Genomes.value

    def wrong(self: Genomes, name: str, row: int) -> Value:
        return None if name == "spend" else value(self, name, row)

    monkeypatch.setattr(Genomes, "value", wrong)


def test_all_is_well(filled: Shop, onefold: Onefold) -> None:
    done = onefold("verify", "-w", filled.folder, "--at", "2026-06-01").fine()
    assert done.out.startswith("0 mismatches: ")
    assert "values of 3 customers" in done.out
    assert done.err == ""


def test_json(filled: Shop, onefold: Onefold) -> None:
    found = onefold(
        "verify", "-w", filled.folder, "--at", "2026-06-01", "--known", "2026-06-02", "--all", "--seed", 5, "--json"
    ).fine().json  # fmt: skip
    assert list(found) == KEYS
    assert (found["customers"], found["mismatches"], found["by_name"], found["examples"]) == (3, 0, {}, [])
    assert (found["at"], found["known"], found["seed"]) == ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", 5)
    assert found["definitions"] == filled.bank.status().definitions
    sampled = onefold("verify", "-w", filled.folder, "--sample", 2, "--json").fine().json
    assert (sampled["customers"], sampled["known"]) == (2, None)


@pytest.mark.usefixtures("dearer")
def test_a_fault_is_shown_and_the_status_is_1(filled: Shop, onefold: Onefold) -> None:
    done = onefold("verify", "-w", filled.folder, "--at", "2026-06-01")
    assert (done.status, done.err) == (1, "")
    assert "user:a" in done.out
    assert "12.50" in done.out
    assert "mismatches among" in done.out
    assert "of them are shown" in done.out


@pytest.mark.usefixtures("dearer")
def test_a_fault_for_machines(filled: Shop, onefold: Onefold) -> None:
    done = onefold("verify", "-w", filled.folder, "--at", "2026-06-01", "--json")
    assert done.status == 1
    found = done.json
    assert found["mismatches"] == found["by_name"]["spend"] > 0
    example = found["examples"][0]
    assert list(example) == ["customer", "name", "at", "known", "served", "recomputed"]
    assert (example["name"], example["served"]) == ("spend", None)


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [(("--sample", "0"), 2, "--sample"), (("--at", "then"), 1, "ISO 8601"), (("--known", "x"), 1, "--known x")],
)
def test_what_is_wrongly_asked(filled: Shop, onefold: Onefold, words: tuple[str, ...], status: int, why: str) -> None:
    done = onefold("verify", "-w", filled.folder, *words)
    assert done.status == status
    assert why in done.err


def test_nothing_loaded_yet(shop: Shop, onefold: Onefold) -> None:
    done = onefold("verify", "-w", shop.folder)
    assert done.status == 1
    assert "nothing was loaded" in done.err
    shop.bank.apply()
    assert onefold("verify", "-w", shop.folder, "--json").fine().json["customers"] == 0
