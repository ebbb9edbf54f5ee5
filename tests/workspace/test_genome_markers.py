"""Markers of a whole bank: which features, in which words, against plain counting over everybody's genomes."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from tests.acceptance.shop import Shop, identify, track

from onefold.features.markers import Marker

MORE = """
features:
  travel_spend: {sum: card_purchase.amount, where: "category = 'travel'", title: Travel spend}
  has_bought:   {expr: "purchases > 0"}
  balance:      {expr: "spend - 100.00"}
  born:         {last: traits.birth_date}
  old:          {expr: "age > 60"}
  first_seen:   {last: traits.since}
"""
MIDNIGHT = "2026-06-01"
ENCODE = msgspec.json.Encoder(decimal_format="number").encode
PEOPLE = [f"u{at:03}" for at in range(100)]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    from tests.acceptance.shop import EVENTS

    events = EVENTS.replace("  email:", "  since: {type: date}\n  email:")
    shop = Shop(tmp_path_factory.mktemp("bank") / "shop", {"features/more.yaml": MORE, "events.yaml": events})
    for at, user in enumerate(PEOPLE):
        region = "Praha" if at in (7, 8, 9) else "Brno"
        shop.send(
            identify(
                "2026-05-01",
                user,
                region=region,
                birth_date="1930-01-01" if at == 5 else "1990-01-01",
                since=f"20{at % 90 + 10}-01-01",
            ),
            track("card_purchase", "2026-05-02", user, amount=10 + at % 10, category="food"),
            *([] if at % 2 else [track("card_purchase", "2026-05-03", user, amount=at, category="travel")]),
        )
    return shop


def found(bank: Shop, user: str, **more: Any) -> dict[str, Marker]:
    genome = bank.bank.genome(user, **more)
    assert [one.surprise for one in genome.markers] == sorted((one.surprise for one in genome.markers), reverse=True)
    return {one.feature: one for one in genome.markers}


def test_a_number_far_out_is_told_by_its_ratio_to_the_median(bank: Shop) -> None:
    one = found(bank, "u098")["travel_spend"]
    median = sorted([0.0] * 50 + [float(at) for at in range(0, 100, 2)])[49:51]
    assert one.median == sum(median) / 2
    assert one.value == 98
    assert one.percentile == 0.995
    assert one.surprise == math.log2(1 / (2 * (1 - 0.995)))
    spend = found(bank, "u098")["spend"]
    assert spend.text == f"spend {float(spend.value) / spend.median:.1f}x the median of the bank"  # type: ignore[arg-type, operator]


def test_where_the_median_is_nothing_or_values_are_negative_it_is_told_by_rank(bank: Shop) -> None:
    markers = found(bank, "u098")
    assert markers["travel_spend"].text == "Travel spend more than 99.5 % of customers"
    assert markers["balance"].text == "balance more than 99.5 % of customers"
    assert found(bank, "u010", at="2026-05-02T12:00").get("travel_spend") is None


def test_a_category_is_told_by_its_share(bank: Shop) -> None:
    one = found(bank, "u007")["region"]
    assert (one.share, one.text, one.percentile, one.median) == (0.03, "region = Praha: 3 % of customers", None, None)
    assert one.surprise == math.log2(1 / 0.03)
    assert "region" not in found(bank, "u011")


def test_dates_are_earlier_or_later(bank: Shop) -> None:
    one = found(bank, "u089")["first_seen"]
    assert one.text == "first seen later than 99.5 % of customers"
    assert str(one.value) == "2099-01-01"
    assert str(one.median) == "2049-07-02"  # between the two in the middle


def test_what_rests_on_something_protected_is_never_told(bank: Shop) -> None:
    assert not {"born", "old"} & found(bank, "u005").keys()


def slow(bank: Shop, user: str) -> dict[str, float]:
    """The oracle: surprise of every feature, by counting over everybody's genome one after another."""
    everybody = [bank.bank.genome(one, at=MIDNIGHT, markers=False).features for one in PEOPLE]
    mine = bank.bank.genome(user, markers=False).features
    bits = {}
    for name, value in mine.items():
        others = [one[name] for one in everybody if one[name] is not None]
        if value is None or not others or name in ("born", "old"):
            continue
        equal = sum(one == value for one in others)
        if isinstance(value, (str, bool)):
            share = equal / len(others)
        else:
            place = (sum(one < value for one in others) + equal / 2) / len(others)  # type: ignore[operator]
            share = 2 * min(place, 1 - place)
        bits[name] = -math.log2(min(1, max(share, 1 / len(others))))
    return bits


@pytest.mark.parametrize("user", ["u000", "u007", "u050", "u089", "u098", "u099"])
def test_the_most_surprising_five_of_all(bank: Shop, user: str) -> None:
    bits = slow(bank, user)
    wanted = sorted((name for name in bits if bits[name] >= 3 - 1e-9), key=lambda name: (-round(bits[name], 9), name))
    markers = found(bank, user)
    assert list(markers) == wanted[:5]
    for name, one in markers.items():
        assert math.isclose(one.surprise, bits[name], abs_tol=1e-9)


def test_the_population_is_that_of_the_latest_midnight(bank: Shop) -> None:
    bank.send(track("card_purchase", "2026-06-01T10:00:00Z", "u001", amount=5000, category="travel"))
    one = found(bank, "u001")["travel_spend"]
    assert (one.percentile, one.value) == (1.0, 5000)
    assert one.surprise == math.log2(100)
    assert one.text == "Travel spend more than every other customer"
    assert "travel_spend" not in found(bank, "u001", at="2026-06-01T09:00:00Z")


def test_json(bank: Shop) -> None:
    brief = msgspec.json.decode(ENCODE(bank.bank.genome("u007").brief()))
    assert brief["markers"][0].keys() == {"feature", "value", "text", "surprise", "share"}
    more = msgspec.json.decode(ENCODE(bank.bank.genome("u098").brief()))
    assert {"feature", "value", "text", "surprise", "percentile", "median"} in [one.keys() for one in more["markers"]]
    assert bank.bank.genome("u007", markers=False).markers == ()


def test_in_a_small_bank_nobody_stands_out(shop: Shop) -> None:
    shop.send(*(track("card_purchase", "2026-05-02", f"u{at}", amount=1000**at) for at in range(4)))
    shop.send(*(track("login", "2026-05-02", f"v{at}") for at in range(15)))
    assert shop.bank.genome("u3").markers == ()
    shop.send(track("login", "2026-05-02", "v20"))
    assert shop.bank.genome("u3").markers != ()
