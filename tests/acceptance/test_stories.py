"""The parts of the acceptance stories that features alone can tell, and readings at other moments."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.command import Onefold
from tests.acceptance.shop import Shop, identify, page, track

from onefold.core.errors import UserError

VIEWS = "features:\n  mortgage_views_7d: {count: page_viewed, where: \"path LIKE '/mortgage%'\", within: 7d}\n"
LIFE = "features:\n  years: {expr: age}\n"
RETAIL = """
features:
  wallet_share: {share: paid, where: "method = 'wallet'"}
  saturday:     {share: paid, where: "weekday = 'saturday'"}
  method:       {last: paid.method}
  posts:        {count: post_written}
  minutes:      {sum: session_ended.minutes}
  mobile:       {share: contact_made, where: "channel = 'mobile'"}
  points:       {last: traits.points, layer: alternate}
"""
RETAIL_EVENTS = """
events:
  paid:          {method: {type: category}, weekday: {type: category}}
  post_written:  {}
  session_ended: {minutes: {type: number, scale: 0}}
  contact_made:  {channel: {type: category}}
traits:
  points: {type: number, scale: 0}
"""


def with_features(folder: Path, text: str, **files: str) -> Shop:
    return Shop(folder / "shop", {"features/all.yaml": text, **files})


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_story_10_more_than_twice(tmp_path: Path, order: tuple[int, ...]) -> None:
    shop = with_features(tmp_path, VIEWS)
    views = [page("/mortgage/fixed", f"2026-05-04T{hour:02}:00:00Z") for hour in (9, 10, 11)]
    shop.send(*(views[at] for at in order), page("/about", "2026-05-04T09:30:00Z"))
    for at, count, change in (
        ("2026-05-04T08:59:59.999999Z", 0, "2026-05-04T09:00:00Z"),
        ("2026-05-04T10:59:59.999999Z", 2, "2026-05-04T11:00:00Z"),
        ("2026-05-04T11:00:00Z", 3, "2026-05-11T09:00:00.000001Z"),
        ("2026-05-11T09:00:00Z", 3, "2026-05-11T09:00:00.000001Z"),
        ("2026-05-11T09:00:00.000001Z", 2, "2026-05-11T10:00:00.000001Z"),
        ("2026-05-11T11:00:00.000001Z", 0, None),
    ):
        genome = shop.bank.genome("u1", at=at)
        assert genome.features["mortgage_views_7d"] == count, at
        expected_arrival = at < "2026-05-04T11"
        assert expected_arrival or genome.next_change == change, at


@pytest.mark.parametrize(
    ("at", "age", "birthday"),
    [
        ("2025-02-27T23:59:59.999999Z", 24, "2025-02-28T00:00:00Z"),
        ("2025-02-28", 25, "2026-02-28T00:00:00Z"),
        ("2028-02-28", 27, "2028-02-29T00:00:00Z"),
        ("2028-02-29", 28, "2029-02-28T00:00:00Z"),
        ("2035-02-27", 34, "2035-02-28T00:00:00Z"),
        ("2035-02-28", 35, "2036-02-29T00:00:00Z"),
    ],
)
def test_story_12_ages_of_one_born_on_29_february(tmp_path: Path, at: str, age: int, birthday: str) -> None:
    shop = with_features(tmp_path, LIFE)
    shop.send(identify("2020-01-01", birth_date="2000-02-29"))
    genome = shop.bank.genome("u1", at=at)
    assert (genome.features["years"], genome.next_change) == (age, birthday)


def test_story_17_the_genome_of_a_shopper(tmp_path: Path) -> None:
    shop = with_features(tmp_path, RETAIL, **{"events.yaml": RETAIL_EVENTS})
    shop.send(
        *(track("paid", f"2026-05-0{at}", method=way, weekday="saturday")
          for at, way in enumerate(("card", "wallet", "wallet", "wallet"), 2)),
        *(track("post_written") for _ in range(3)),
        *(track("session_ended", minutes=minutes) for minutes in (9, 6)),
        *(track("contact_made", channel="mobile" if at < 7 else "branch") for at in range(10)),
        identify(points=1240),
    )  # fmt: skip
    found = shop.features("u1")
    assert found == {
        "wallet_share": 0.75, "saturday": 1.0, "method": "wallet", "posts": 3, "minutes": 15, "mobile": 0.7,
        "points": 1240,
    }  # fmt: skip
    [points] = [one for one in shop.bank.genome("u1", long=True).about if one.name == "points"]
    assert (points.layer, points.sources, points.as_of) == ("alternate", ("traits.points",), "2026-05-04T09:00:00Z")


def test_a_date_alone_is_midnight_in_the_zone(tmp_path: Path, onefold: Onefold) -> None:
    zone = "name: Zone\ntime_zone: Europe/Prague\n"
    shop = Shop(tmp_path / "shop", {"onefold.yaml": zone})
    shop.send(
        track("login", "2026-05-03T22:00:00Z"),
        track("login", "2026-05-04"),
        track("login", "2026-05-04T00:00:00.000001"),
    )
    for at, count in (("2026-05-04", 2), ("2026-05-03T21:59:59.999999Z", 0), ("2026-05-05", 3)):
        found = onefold("genome", "u1", "-w", shop.folder, "--at", at, "--json").fine().json
        assert found["features"]["logins"] == count, at
    assert (
        onefold("genome", "u1", "-w", shop.folder, "--at", "2026-05-04", "--json").json["at"] == "2026-05-03T22:00:00Z"
    )
    winter = onefold("genome", "u1", "-w", shop.folder, "--at", "2026-12-04", "--known", "2026-12-04", "--json")
    assert (winter.json["at"], winter.json["known"]) == ("2026-12-03T23:00:00Z", "2026-12-03T23:00:00Z")


def test_what_was_known_then(shop: Shop) -> None:
    shop.clock.set("2026-05-10T00:00:00Z")
    shop.send(track("card_purchase", "2026-05-01T00:00:00Z", amount=10))
    shop.clock.set("2026-05-20T00:00:00Z")
    shop.send(track("card_purchase", "2026-05-02T00:00:00Z", amount=5))
    at = "2026-05-15"
    assert shop.features("u1", at)["spend"] == 15
    assert shop.features("u1", at, "2026-05-20")["spend"] == 15
    assert shop.features("u1", at, "2026-05-19T23:59:59.999999Z")["spend"] == 10
    assert shop.features("u1", at, "2026-05-10")["spend"] == 10
    assert shop.features("u1", at, "2026-05-09T23:59:59.999999Z")["spend"] == 0


def test_history_is_known_at_its_own_time(shop: Shop, onefold: Onefold) -> None:
    path = shop.file([track("login", "2026-05-01"), track("login", "2026-05-03")])
    onefold("load", "-w", shop.folder, "--messages", path, "--history").fine()
    assert shop.features("u1", "2026-06-01", "2026-05-02")["logins"] == 1
    assert shop.features("u1", "2026-06-01", "2026-05-03")["logins"] == 2


def test_events_dated_in_the_future_count_from_then_on(shop: Shop) -> None:
    shop.send(track("login", "2026-07-01T00:00:00Z"))
    now = shop.bank.genome("u1")
    assert (now.at, now.features["logins"]) == ("2026-06-01T12:00:00Z", 0)
    assert now.next_change == "2026-07-01T00:00:00Z"
    assert shop.bank.genomes().num_rows == 0  # who has no event yet does not exist yet
    assert shop.features("u1", "2026-07-01")["logins"] == 1
    assert shop.bank.genomes(at="2026-07-01").to_pylist()[0]["customer"] == "user:u1"


def test_what_a_visitor_did_belongs_to_the_customer(shop: Shop) -> None:
    shop.send(
        page("/a", "2026-05-01T00:00:00Z", user=None, anon="a1"),
        page("/b", "2026-05-02T00:00:00Z", user=None, anon="a1"),
        page("/c", "2026-05-04T00:00:00Z", user=None, anon="a2"),
    )
    assert shop.features("anon:a1")["pages"] == 2
    assert shop.bank.genomes().num_rows == 0
    assert shop.bank.genomes(visitors=True).num_rows == 2
    shop.clock.set("2026-06-02T12:00:00Z")
    shop.send(identify("2026-05-03T00:00:00Z", anon="a1", region="north"))
    assert shop.features("u1")["pages"] == 2
    assert shop.bank.genome("anon:a1").customer == "user:u1"
    assert shop.bank.genome("anon:a1", known="2026-06-01T12:00:00Z").customer == "anon:a1"
    assert shop.features("u1", known="2026-06-01T12:00:00Z")["pages"] == 0
    assert [row["customer"] for row in shop.bank.genomes().to_pylist()] == ["user:u1"]
    assert sorted(row["customer"] for row in shop.bank.genomes(visitors=True).to_pylist()) == ["anon:a2", "user:u1"]
    assert (shop.bank.status().customers, shop.bank.status().visitors) == (1, 1)


def test_two_people_at_one_device(shop: Shop) -> None:
    shop.send(
        page("/1", "2026-05-01T00:00:00Z", user=None, anon="tablet"),
        identify("2026-05-02T00:00:00Z", "ann", anon="tablet"),
        page("/2", "2026-05-03T00:00:00Z", user=None, anon="tablet"),
        page("/3", "2026-05-04T00:00:00Z", user=None, anon="tablet"),
        identify("2026-05-05T00:00:00Z", "bob", anon="tablet"),
        page("/4", "2026-05-06T00:00:00Z", user=None, anon="tablet"),
    )
    assert (shop.features("ann")["pages"], shop.features("bob")["pages"]) == (1, 3)
    assert shop.bank.genome("anon:tablet").customer == "user:bob"


def test_unlinking_parts_them_again(shop: Shop) -> None:
    shop.send(
        page("/1", "2026-05-01T00:00:00Z", user=None, anon="a1"),
        page("/2", "2026-05-01T00:00:00Z", user="ann"),
        identify("2026-05-02T00:00:00Z", "ann", anon="a1"),
    )
    assert shop.features("ann")["pages"] == 2
    shop.send(track("identity_unlinked", "2026-05-03T00:00:00Z", "ann", identifier="anon:a1"))
    assert shop.features("ann")["pages"] == 1
    assert shop.features("anon:a1")["pages"] == 1
    assert shop.bank.genome("anon:a1").customer == "anon:a1"


def test_an_alias_never_joins_two_customers(shop: Shop) -> None:
    shop.send(track("login", user="ann"), track("login", user="bob"))
    shop.send({"type": "alias", "userId": "ann", "previousId": "bob", "messageId": "x", "timestamp": "2026-05-05"})
    assert (shop.features("ann")["logins"], shop.features("bob")["logins"]) == (1, 1)
    assert shop.bank.genome("bob").customer == "user:bob"


def test_a_retraction_holds_from_its_arrival_on(shop: Shop) -> None:
    purchase = track("card_purchase", "2026-05-01T00:00:00Z", amount=10, id="wrong")
    shop.send(purchase, track("card_purchase", "2026-05-02T00:00:00Z", amount=1))
    shop.clock.set("2026-06-03T00:00:00Z")
    shop.send(track("event_retracted", "2026-05-20T00:00:00Z", message_id="wrong"))
    assert shop.features("u1")["spend"] == 1
    assert shop.features("u1", "2026-05-10")["spend"] == 1
    assert shop.features("u1", "2026-05-10", "2026-06-02")["spend"] == 11
    report = shop.send(purchase)  # a repeat has no effect, for ever
    assert report.source("messages").new == 0
    assert shop.features("u1")["spend"] == 1


def test_a_trait_set_to_null_is_a_value(shop: Shop) -> None:
    shop.send(identify("2026-05-01", region="north"), identify("2026-05-02", region=None))
    assert shop.features("u1", "2026-05-01")["region"] == "north"
    assert shop.features("u1", "2026-05-02")["region"] is None
    shop.send(identify("2026-05-03", region="south"))
    assert shop.features("u1", "2026-05-03")["region"] == "south"


def test_who_never_occurred(shop: Shop) -> None:
    shop.send(track("login"))
    for name in ("u2", "anon:u1", "client:u1"):
        with pytest.raises(UserError, match="no event of that name was ever loaded"):
            shop.bank.genome(name)
    with pytest.raises(UserError, match="placeholder"):
        shop.bank.genome("undefined")
