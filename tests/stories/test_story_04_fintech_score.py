"""Story 4: a score bought from a fintech is an event; it lapses by itself, and consent gates what is built on it.

The provider that hangs comes with a later issue: here nothing is asked of one while a decision is made.
"""

from __future__ import annotations

from tests.acceptance.shop import track
from tests.stories.telling import Flip, Teller, consent, stages_of

EVENTS = """
events:
  score_received:
    score: {type: number, scale: 0}
"""
FEATURES = """
features:
  fintech_score: {last: score_received.score, within: 90d, layer: alternate, family: financial}
"""
SEGMENTS = """
segments:
  well_rated:        {title: Well rated, when: fintech_score >= 700, purpose: marketing}
  well_rated_twice:  {when: in_segment('well_rated') AND fintech_score < 900, purpose: marketing}
  limit_can_rise:    {when: fintech_score >= 700, purpose: service}
  rated_for_reports: {when: fintech_score >= 700}
"""
OFFERS = """
offers:
  gold_card:
    product: card
    purpose: marketing
    value: 60
    eligible: in_segment('well_rated')
    treatments: {banner: {kind: ad, channels: [web]}}
  small_loan:
    product: loan
    purpose: marketing
    value: 40
    eligible: fintech_score >= 700
    treatments: {banner: {kind: ad, channels: [web]}}
  higher_limit:
    product: limit
    purpose: service
    value: 5
    eligible: in_segment('limit_can_rise')
    treatments: {note: {kind: message, channels: [web, atm]}}
"""
PLACEMENTS = """
placements:
  home_hero: {channel: web, limit: 3, default: welcome}
"""
BANK = {
    "events": EVENTS, "features": FEATURES, "segments": SEGMENTS, "offers": OFFERS, "placements": PLACEMENTS,
}  # fmt: skip
SCORED, LAST, GONE = "2026-03-01T00:00:00Z", "2026-05-30T00:00:00Z", "2026-05-30T00:00:00.000001Z"
WITHDRAWN = "2026-04-10T12:00:00Z"
ALL = ["limit_can_rise", "rated_for_reports", "well_rated", "well_rated_twice"]
INSIDE = ["limit_can_rise", "rated_for_reports"]


def test_the_score_lapses_by_itself(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(consent(), track("score_received", SCORED, score=712))
    assert story.segments("u1", "2026-02-28T23:59:59.999999Z") == []
    for at in (SCORED, "2026-05-30T00:00:00.000000Z"):
        assert story.segments("u1", at) == ALL, at
    assert story.segments("u1", GONE) == []
    assert story.changes("2026-01-01", "2027-01-01") == [
        *(Flip(SCORED, "user:u1", name, "entered", "event") for name in ALL),
        *(Flip(GONE, "user:u1", name, "left", "time") for name in ALL),
    ]


def test_a_score_below_the_mark(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(consent(), track("score_received", SCORED, score=699), consent("u2"))
    story.send(track("score_received", SCORED, "u2", score=700))
    assert story.segments("u1", LAST) == []
    assert story.segments("u2", LAST) == ALL


def test_withdrawn_consent_switches_marketing_off_and_service_goes_on(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(
        consent(), track("score_received", SCORED, score=712), consent(at=WITHDRAWN, status="withdrawn"),
        consent("never", status="denied"), track("score_received", SCORED, "never", score=712),
        track("score_received", SCORED, "silent", score=712),
    )  # fmt: skip
    before, after = "2026-04-10T11:59:59.999999Z", WITHDRAWN
    assert story.segments("u1", before) == ALL
    assert story.offers("u1", "home_hero", at=before) == [
        ("gold_card", "banner"), ("small_loan", "banner"), ("higher_limit", "note"),
    ]  # fmt: skip
    for customer in ("u1", "never", "silent"):
        assert story.segments(customer, after) == INSIDE, customer
        shown = story.decide(customer, "home_hero", at=after)
        assert [item["offer"] for item in shown["items"]] == ["higher_limit"]
        assert (shown["status"], shown["default"]) == ("ok", "welcome")
        for offer in ("gold_card", "small_loan"):
            assert stages_of(shown, offer) == ["consent"]
    flips = story.changes("2026-03-02", "2026-05-01")
    assert [one.customer for one in flips] == ["user:u1"] * 2
    assert flips[0] == Flip(WITHDRAWN, "user:u1", "well_rated", "left", "consent")
    why = story.why("u1", "well_rated", after)
    assert (why["member"], why["cause"], why["since"]) == (False, "consent", WITHDRAWN)
    assert why["would_change"] == ["if consent for marketing were granted"]
    assert story.why("u1", "limit_can_rise", after)["until"] == LAST
    assert story.shop.features("u1", LAST)["fintech_score"] == 712  # consent gates results, never values


def test_consent_is_the_cause_for_a_segment_built_on_another_too(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(consent(), track("score_received", SCORED, score=712), consent(at=WITHDRAWN, status="withdrawn"))
    assert story.changes("2026-03-02", "2026-05-01") == [
        Flip(WITHDRAWN, "user:u1", name, "left", "consent") for name in ("well_rated", "well_rated_twice")
    ]


def test_a_consent_that_ends_by_itself(tell: Teller) -> None:
    story = tell(**BANK)
    story.send(
        consent(expires=WITHDRAWN), track("score_received", SCORED, score=712), consent(at="2026-05-01T00:00:00Z")
    )
    flips = [one for one in story.changes("2026-03-02", LAST) if one.segment == "well_rated"]
    assert flips == [
        Flip(WITHDRAWN, "user:u1", "well_rated", "left", "consent"),
        Flip("2026-05-01T00:00:00Z", "user:u1", "well_rated", "entered", "consent"),
    ]


def test_without_consent_a_page_of_marketing_alone_is_denied(tell: Teller) -> None:
    selling = OFFERS.split("  higher_limit:")[0]
    story = tell(**{**BANK, "offers": selling})
    story.send(track("score_received", SCORED, score=712), consent("u2"))
    shown = story.decide("u1", "home_hero", at=SCORED)
    assert (shown["status"], shown["items"], shown["default"]) == ("denied", [], "welcome")
    shown = story.decide("u2", "home_hero", at=SCORED)  # no score: nothing worth saying is no denial
    assert (shown["status"], shown["items"]) == ("ok", [])
