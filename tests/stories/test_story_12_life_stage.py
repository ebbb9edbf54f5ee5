"""Story 12: ages, seasons and ends of policies pass by the calendar; nothing has to happen for them."""

from __future__ import annotations

from tests.acceptance.shop import identify, track
from tests.stories.telling import ONEFOLD, Flip, Story, Teller, consent, offers_of, stages_of

CALENDAR = "calendar: {periods: {summer: {from: 07-01, to: 08-31}}}\n"
EVENTS = """
events:
  policy_opened:
    product: {type: category}
    ends_on: {type: date}
traits:
  birth_date: {type: date, sensitivity: protected}
  salary:     {type: money, sensitivity: personal}
"""
FEATURES = """
features:
  travel_policies:     {count: policy_opened, where: "product = 'travel_insurance'"}
  days_to_policy_end:  {until: policy_opened.ends_on, where: "product = 'travel_insurance'"}
"""
SEGMENTS = """
segments:
  starting_out: {title: Starting out, when: age BETWEEN 25 AND 34 AND salary >= 2500, dimension: life_stage}
"""
SEASON = """
  travel_time: {title: Soon it is summer, when: days_to('summer') <= 28, owner: insurance}
"""
OFFERS = """
offers:
  travel_insurance:
    product: travel_insurance
    purpose: marketing
    value: 25.00
    propensity: 0.10
    eligible: travel_policies = 0
    applicable: days_to('summer') <= 28
    treatments: {banner: {kind: ad, channels: [web, mobile]}}
  renewal_reminder:
    product: travel_insurance
    purpose: service
    value: 1.00
    eligible: days_to_policy_end <= 30
    treatments: {note: {kind: message, channels: [web, mobile]}}
"""
PLACEMENTS = """
placements:
  app_home: {channel: mobile, limit: 2, default: balance, confirms: true}
"""
POLICIES = """
policies:
  contact:
    - {cap: 1, per: offer, within: 60d}
"""
BANK = {
    "events": EVENTS, "features": FEATURES, "segments": SEGMENTS, "offers": OFFERS, "placements": PLACEMENTS,
    "policies": POLICIES,
}  # fmt: skip
ENTERS, LEAVES = "2025-02-28T00:00:00Z", "2035-02-28T00:00:00Z"


def bank_of(tell: Teller, segments: str = SEGMENTS) -> Story:
    """Return the bank, whose calendar knows when summer is."""
    story = tell(**{**BANK, "segments": segments})
    story.shop.write("onefold.yaml", ONEFOLD + CALENDAR)
    return story


def policy(user: str, ends_on: str) -> dict[str, object]:
    return track("policy_opened", "2025-07-01T00:00:00Z", user, product="travel_insurance", ends_on=ends_on)


def test_born_on_29_february(tell: Teller) -> None:
    story = bank_of(tell)
    story.send(
        identify("2020-01-01", birth_date="2000-02-29", salary=2600),
        identify("2020-01-01", "no_salary", birth_date="2000-02-29"),
        identify("2020-01-01", "no_birth_date", salary=2600),
        identify("2020-01-01", "too_little", birth_date="2000-02-29", salary=2499.99),
        identify("2020-01-01", "just_enough", birth_date="2000-02-29", salary=2500),
    )
    for at, inside in (
        ("2025-02-27T23:59:59.999999Z", []), (ENTERS, ["starting_out"]), ("2025-03-01", ["starting_out"]),
        ("2028-02-29", ["starting_out"]), ("2035-02-27T23:59:59.999999Z", ["starting_out"]), (LEAVES, []),
    ):  # fmt: skip
        assert story.segments("u1", at) == inside, at
    for other in ("no_salary", "no_birth_date", "too_little"):
        assert story.segments(other, "2030-01-01") == []
    why = story.why("u1", "starting_out", "2026-01-01")
    assert (why["since"], why["until"]) == (ENTERS, "2035-02-27T23:59:59.999999Z")
    why = story.why("no_salary", "starting_out", "2026-01-01")
    assert (why["member"], why["until"]) == (False, None)
    assert [leaf["truth"] for leaf in why["leaves"]].count(None) == 1  # unknown is not a member
    found = story.changes("2020-01-01", "2040-01-01")  # of one instant in the order of their pseudonyms
    assert sorted(found, key=lambda one: (one.at, one.customer)) == [
        Flip(at, f"user:{who}", "starting_out", change, "time")
        for at, change in ((ENTERS, "entered"), (LEAVES, "left"))
        for who in ("just_enough", "u1")
    ]


def test_a_salary_that_becomes_known_or_unknown(tell: Teller) -> None:
    story = bank_of(tell)
    story.send(
        identify("2020-01-01", birth_date="2000-02-29"), identify("2026-01-15T08:00:00Z", salary=2600),
        identify("2026-06-15T08:00:00Z", salary=None),
    )  # fmt: skip
    assert story.changes("2020-01-01", "2040-01-01") == [
        Flip("2026-01-15T08:00:00Z", "user:u1", "starting_out", "entered", "event"),
        Flip("2026-06-15T08:00:00Z", "user:u1", "starting_out", "left", "event"),
    ]


def test_travel_insurance_28_days_before_the_first_of_july(tell: Teller) -> None:
    story = bank_of(tell)
    story.send(consent())
    for at, shown in (
        ("2026-06-02", []), ("2026-06-02T23:59:59.999999Z", []), ("2026-06-03", ["travel_insurance"]),
        ("2026-08-31T23:59:59.999999Z", ["travel_insurance"]), ("2026-09-01", []), ("2027-06-02", []),
        ("2027-06-03", ["travel_insurance"]),  # and so every year
    ):  # fmt: skip
        answer = story.decide("u1", "app_home", at=at)
        assert [item["offer"] for item in answer["items"]] == shown, at
        assert stages_of(answer, "travel_insurance") == (["chosen"] if shown else ["applicable"])


def test_the_season_as_an_offers_law_and_as_a_segment(tell: Teller) -> None:
    story = bank_of(tell, SEGMENTS + SEASON)
    law = OFFERS.replace("eligible: travel_policies = 0", "eligible: travel_policies = 0 AND days_to('summer') <= 28")
    story.shop.write("offers/all.yaml", law)
    story.send(consent())
    for at, soon in (("2026-06-02T23:59:59.999999Z", False), ("2026-06-03", True), ("2026-08-31", True)):
        answer = story.decide("u1", "app_home", at=at)
        assert stages_of(answer, "travel_insurance") == (["chosen"] if soon else ["eligible"]), at
        assert story.segments("u1", at) == (["travel_time"] if soon else []), at
    assert story.changes("2026-01-01", "2027-06-30") == [
        Flip(f"{at}T00:00:00Z", "user:u1", "travel_time", change, "time")
        for at, change in (("2026-06-03", "entered"), ("2026-09-01", "left"), ("2027-06-03", "entered"))
    ]
    why = story.why("u1", "travel_time", "2026-07-04")
    assert (why["since"], why["until"]) == ("2026-06-03T00:00:00Z", "2026-08-31T23:59:59.999999Z")
    assert [leaf["sentence"] for leaf in why["leaves"]] == ["there are at most 28 days to summer"]
    assert story.shop.bank.verify(at="2026-07-04").mismatches == 0


def test_a_policy_that_ends_is_reminded_of_once_and_never_sold_again(tell: Teller) -> None:
    story = bank_of(tell)
    story.send(consent(), policy("u1", "2026-06-25"), policy("silent", "2026-06-25"), policy("u2", "2027-03-31"),
               consent("u2"))  # fmt: skip
    for customer in ("u1", "silent"):  # a reminder is a service: it needs no consent
        assert story.offers(customer, "app_home", at="2026-05-25T23:59:59.999999Z") == []
        for at in ("2026-05-26", "2026-06-10", "2026-06-25"):
            assert story.offers(customer, "app_home", at=at) == [("renewal_reminder", "note")], at
        assert story.offers(customer, "app_home", at="2026-06-26") == []
    for at in ("2026-05-26", "2026-06-03", "2026-06-25", "2026-07-01"):
        answer = story.decide("u2", "app_home", at=at)
        assert answer["items"] == [], at
        assert stages_of(answer, "travel_insurance") == stages_of(answer, "renewal_reminder") == ["eligible"]
    answer = story.decide("u1", "app_home", at="2026-06-26")
    assert stages_of(answer, "travel_insurance") == ["eligible"]

    story.shop.clock.set("2026-05-26T00:00:00Z")
    told = story.shop.bank.decide("u1", "app_home")
    assert [item.offer for item in told.placements["app_home"].items] == ["renewal_reminder"]
    story.shop.clock.set("2026-05-26T00:00:02Z")
    assert story.shop.bank.record(told.decision_id, "renewal_reminder", "shown", message_id="shown-1")
    story.shop.bank.close()
    for day in ("2026-05-26T00:00:03Z", "2026-05-26T12:00:00Z", "2026-05-27", "2026-06-03", "2026-06-10",
                "2026-06-25T23:59:59.999999Z"):  # fmt: skip
        answer = story.decide("u1", "app_home", at=day)
        assert offers_of(answer) == [], day
        assert stages_of(answer, "renewal_reminder") == ["contact"], day
