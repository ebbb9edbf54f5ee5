"""Story 11: a car loan brings car insurance, not adverts where they disturb; who has it hears no more of it."""

from __future__ import annotations

from typing import Any

from tests.acceptance.shop import identify, track
from tests.stories.telling import Teller, consent, offers_of, stages_of

EVENTS = """
events:
  car_loan_approved:
    amount: {type: money}
  insurance_opened:
    product: {type: category}
traits:
  region: {type: category}
"""
FEATURES = """
features:
  car_loans:      {count: car_loan_approved, family: financial}
  car_insurances: {count: insurance_opened, where: "product = 'car_insurance'", family: financial}
"""
OFFERS = """
offers:
  car_insurance:
    product: car_insurance
    purpose: marketing
    value: 80.00
    propensity: 0.10
    eligible: car_loans > 0 AND car_insurances = 0
    treatments:
      banner: {kind: ad, channels: [web, mobile], actions: [info, apply]}
  savings_ad:
    product: savings
    purpose: marketing
    value: 10.00
    propensity: 0.05
    applicable: "context.page NOT LIKE '/car-loan%'"
    treatments:
      banner:  {kind: ad, channels: [web], after: "context.page NOT LIKE '/pfm%'"}
      article: {kind: article, channels: [web], after: "context.page LIKE '/pfm%'"}
"""
PLACEMENTS = """
placements:
  home_hero: {channel: web, limit: 1, default: welcome, excludes: [savings_ad], confirms: true}
  sidebar:   {channel: web, limit: 2, default: nothing}
"""
BANK = {"events": EVENTS, "features": FEATURES, "offers": OFFERS, "placements": PLACEMENTS}
APPROVED = track("car_loan_approved", "2026-04-10T10:00:00Z", amount=12_000)
OPENED: dict[str, Any] = track("insurance_opened", "2026-04-20T08:00:00Z", product="car_insurance")


def test_the_page_before_and_after_the_approval(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(consent(), APPROVED)
    for at in ("2026-04-10T09:59:59Z", "2026-04-10T09:59:59.999999Z"):
        before = story.decide("u1", "home_hero", at=at)
        assert (before["status"], before["default"], before["items"]) == ("ok", "welcome", [])
        assert stages_of(before, "car_insurance") == ["eligible"]
    for at in ("2026-04-10T10:00:00Z", "2026-04-10T10:00:01Z"):
        [item] = story.decide("u1", "home_hero", at=at)["items"]
        assert (item["offer"], item["treatment"], item["rank"]) == ("car_insurance", "banner", 1)
        assert (item["propensity"], item["pscore"], item["score"]) == (0.1, 1.0, 8.0)
        assert item["actions"] == ["info", "apply"]
        assert any("car loans" in reason for reason in item["reasons"])


def test_savings_are_an_article_where_money_is_planned_and_nothing_on_the_page_of_the_loan(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(consent(), APPROVED)
    at = "2026-04-11T12:00:00Z"
    for path in ("/car-loan", "/car-loan/apply", "/car-loans?rate=3"):
        shown = story.decide("u1", "sidebar", at=at, context={"page": path})
        assert offers_of(shown) == [("car_insurance", "banner")], path
        assert stages_of(shown, "savings_ad") == ["applicable"], path
    assert story.offers("u1", "sidebar", at=at, context={"page": "/pfm"}) == [
        ("car_insurance", "banner"), ("savings_ad", "article")
    ]  # fmt: skip
    assert story.offers("u1", "sidebar", at=at, context={"page": "/home"})[1] == ("savings_ad", "banner")
    assert len(story.offers("u1", "sidebar", at=at)) == 1  # where the page is unknown, it is not known to fit


def test_gone_at_once_when_the_insurance_is_opened(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(consent(), APPROVED, OPENED)
    for at, count in (("2026-04-20T07:59:59.999999Z", 1), ("2026-04-20T08:00:00Z", 0), ("2027-04-20", 0)):
        shown = story.decide("u1", "home_hero", at=at)
        assert len(shown["items"]) == count, at
    [step] = [one for one in shown["funnel"] if one["offer"] == "car_insurance"]
    assert step["stage"] == "eligible"
    assert "car_insurances is 1" in step["reason"]


def test_gone_with_the_very_request_that_tells_of_it(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(consent(), APPROVED)
    at = "2026-04-20T08:00:00Z"
    told = {"type": "track", "event": "Insurance Opened", "properties": {"product": "car_insurance"}}
    assert story.offers("u1", "home_hero", at=at) == [("car_insurance", "banner")]
    shown = story.decide("u1", "home_hero", at=at, events=[told])
    assert (shown["items"], stages_of(shown, "car_insurance")) == ([], ["eligible"])
    assert story.offers("u1", "home_hero", at=at) == [("car_insurance", "banner")]  # a dry run left no trace
    story.shop.clock.set(at)
    answer = story.shop.bank.decide("u1", "home_hero", events=[told])
    assert answer.placements["home_hero"].items == ()
    assert story.offers("u1", "home_hero", at="2026-04-20T08:00:00.000001Z") == []  # this one was kept


def test_who_has_no_loan_or_gave_no_consent(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(consent(), identify(region="north"), track("car_loan_approved", "2026-04-10T10:00:00Z", "u2", amount=1))
    at = "2026-04-12T00:00:00Z"
    assert story.offers("u1", "home_hero", at=at) == []
    assert story.decide("u2", "home_hero", at=at)["status"] == "denied"
    assert story.decide("nobody", "home_hero", at=at)["status"] == "denied"  # as an empty timeline
