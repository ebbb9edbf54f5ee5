"""Story 18: a partner's taxi is worth saying in one situation out of four, and only to who agreed to partners."""

from __future__ import annotations

import pytest
from tests.acceptance.shop import track
from tests.stories.telling import Teller, consent, stages_of

EVENTS = """
events:
  flight_searched: {to: {type: category}}
  login: {}
"""
FEATURES = """
features:
  flights_searched_2d: {count: flight_searched, within: 2d, family: behaviour}
"""
OFFERS = """
offers:
  airport_taxi:
    product: airport_taxi
    purpose: PURPOSE
    partner: city-taxi
    value: 2.00
    propensity: 0.08
    applicable: "context.place_kind = 'hotel' AND flights_searched_2d > 0"
    treatments: {voucher: {kind: ad, channels: [mobile], actions: [info]}}
"""
PLACEMENTS = """
placements:
  app_home: {channel: mobile, default: balance}
"""
AT = "2026-05-04T18:00:00Z"
SITUATIONS = [(place, searched) for place in ("hotel", "home") for searched in ("flew", "stayed")]


def bank(purpose: str) -> dict[str, str]:
    return {
        "events": EVENTS, "features": FEATURES, "offers": OFFERS.replace("PURPOSE", purpose),
        "placements": PLACEMENTS,
    }  # fmt: skip


@pytest.mark.parametrize("purpose", ["third_party", "marketing"])
@pytest.mark.parametrize("agreed", [("marketing", "third_party"), ("third_party",), ("marketing",), ()])
def test_four_calls(tell: Teller, purpose: str, agreed: tuple[str, ...]) -> None:
    """A partner's offer needs consent for partners whatever else it says it is for."""
    story = tell(**bank(purpose))
    story.send(
        track("flight_searched", "2026-05-04T08:00:00Z", "flew", to="PRG"),
        track("login", "2026-05-04T08:00:00Z", "stayed"),
        *(consent(user, what) for user in ("flew", "stayed") for what in agreed),
    )
    needed = {"third_party", purpose}
    shown = {
        (place, who): story.offers(who, "app_home", at=AT, context={"place_kind": place}) for place, who in SITUATIONS
    }
    right = [("airport_taxi", "voucher")] if needed <= set(agreed) else []
    assert shown == {situation: right if situation == ("hotel", "flew") else [] for situation in SITUATIONS}
    answer = story.decide("flew", "app_home", at=AT, context={"place_kind": "hotel"})
    if not right:
        assert (answer["status"], stages_of(answer, "airport_taxi")) == ("denied", ["consent"])
    else:
        [item] = answer["items"]
        assert (item["score"], item["actions"]) == (0.16, ["info"])


def test_the_place_must_be_known_and_the_search_recent(tell: Teller) -> None:
    story = tell(**bank("third_party"))
    story.send(track("flight_searched", "2026-05-04T08:00:00Z", to="PRG"), consent(purpose="third_party"))
    hotel = {"place_kind": "hotel"}
    for at, count in (("2026-05-04T07:59:59.999999Z", 0), ("2026-05-06T08:00:00Z", 1),
                      ("2026-05-06T08:00:00.000001Z", 0)):  # fmt: skip
        assert len(story.offers("u1", "app_home", at=at, context=hotel)) == count, at
    assert story.offers("u1", "app_home", at=AT) == []
    story.send(consent(purpose="third_party", at="2026-05-04T12:00:00Z", status="withdrawn"))
    assert story.offers("u1", "app_home", at="2026-05-04T11:59:59.999999Z", context=hotel) != []
    assert story.offers("u1", "app_home", at="2026-05-04T12:00:00Z", context=hotel) == []
