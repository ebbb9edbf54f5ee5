"""What `verify` found in odd workspaces: instants at which a genome changes without any event."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.shop import EVENTS, ONEFOLD, Shop, identify, track


def _shop(tmp_path: Path, features: str, **files: str) -> Shop:
    return Shop(tmp_path / "shop", {"features/all.yaml": f"features:\n  n: {features}\n", **files})


def test_who_is_not_born_yet_is_0_at_birth(tmp_path: Path) -> None:
    shop = _shop(tmp_path, "{expr: age}")
    shop.send(identify("2026-05-01", birth_date="2026-07-01"))
    genome = shop.bank.genome("u1", at="2026-06-01")
    assert (genome.features["n"], genome.next_change) == (None, "2026-07-01T00:00:00Z")
    assert shop.features("u1", at="2026-07-01") == {"n": 0}


def test_the_date_that_comes_twice(tmp_path: Path) -> None:
    """In St John's clocks went back at 00:01 to 23:01 of the day before, until 2011."""
    days = "{expr: \"CURRENT_DATE - DATE '2010-11-06'\"}"
    shop = _shop(tmp_path, days, **{"onefold.yaml": ONEFOLD.replace("UTC", "America/St_Johns")})
    shop.send(identify("2010-05-01", region="x"))
    genome = shop.bank.genome("u1", at="2010-11-07T02:40:00Z")  # 23:10 for the second time
    assert (genome.features["n"], genome.next_change) == (0, "2010-11-07T03:30:00Z")
    assert shop.features("u1", at="2010-11-07T03:30:00Z") == {"n": 1}


def test_a_trait_may_be_called_age_where_nobody_states_birth_dates(tmp_path: Path) -> None:
    events = EVENTS.replace("birth_date: {type: date", "age: {type: number, scale: 0")
    shop = _shop(tmp_path, "{expr: age + 1}", **{"events.yaml": events})
    shop.send(identify("2026-05-01", age=5))
    genome = shop.bank.genome("u1", long=True)
    assert genome.features == {"n": 6}
    assert genome.about[0].sources == ("traits.age",)


def test_the_lines_of_a_long_list_keep_their_order(tmp_path: Path) -> None:
    shop = _shop(tmp_path, "{first: card_purchase.products.sku}\n  m: {last: card_purchase.products.sku}")
    lines = [{"sku": f"s{at}", "price": 1} for at in range(600)]
    shop.send(track("card_purchase", amount=1, products=lines))
    assert shop.features("u1") == {"n": "s0", "m": "s599"}
