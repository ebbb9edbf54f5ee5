"""Story 13: help first, sell later, and be silent when the customer has begun: one offer, three ways of saying it."""

from __future__ import annotations

from tests.acceptance.shop import page, track
from tests.stories.telling import Story, Teller, consent, stages_of

EVENTS = """
events:
  page_viewed:
    path:    {type: category}
    seconds: {type: number, scale: 0}
  calculator_used:     {product: {type: category}}
  application_started: {product: {type: category}}
"""
FEATURES = """
features:
  mortgage_views_7d:     {count: page_viewed, where: "path LIKE '/mortgage%'", within: 7d}
  mortgage_sums_30d:     {count: calculator_used, where: "product = 'mortgage'", within: 30d}
  guide_seconds_30d:     {sum: page_viewed.seconds, where: "path = '/mortgage/guide'", within: 30d}
  mortgage_applications: {count: application_started, where: "product = 'mortgage'", within: 90d}
"""
SEGMENTS = """
segments:
  mortgage_intent: {when: mortgage_views_7d > 2, purpose: marketing}
"""
OFFERS = """
offers:
  fixed_rate_mortgage:
    product: mortgage
    regulated: credit
    purpose: marketing
    value: 900.00
    propensity: 0.04
    eligible: mortgage_applications = 0 AND in_segment('mortgage_intent')
    treatments:
      calculator: {kind: tool, channels: [web, mobile], actions: [info], after: mortgage_sums_30d = 0}
      guide:
        {kind: article, channels: [web, email], actions: [info, contact],
         after: mortgage_sums_30d > 0 AND guide_seconds_30d < 90}
      banner:
        {kind: ad, channels: [web, mobile], actions: [info, contact, apply],
         after: mortgage_sums_30d > 0 AND guide_seconds_30d >= 90}
  mortgage_transfer:
    product: mortgage
    purpose: marketing
    value: 100.00
    eligible: mortgage_applications = 0 AND guide_seconds_30d >= 90
    treatments: {note: {kind: message, channels: [email]}}
"""
PLACEMENTS = """
placements:
  home_hero: {channel: web, default: welcome}
  app_home:  {channel: mobile, default: balance}
  letter:    {channel: email, limit: 3}
"""
POLICIES = """
policies:
  contact:
    - {cap: 1, channel: email, within: 7d}
"""
BANK = {
    "events": EVENTS, "features": FEATURES, "segments": SEGMENTS, "offers": OFFERS, "placements": PLACEMENTS,
    "policies": POLICIES,
}  # fmt: skip
OFFER = "fixed_rate_mortgage"
VIEWED, SUMMED, GUIDED, STARTED = (f"2026-05-04T{hour}:00:00Z" for hour in ("11", "12", "13", "14"))


def told(tell: Teller) -> Story:
    story = tell(**BANK)
    story.send(
        consent(),
        *(page("/mortgage/fixed", f"2026-05-04T{hour}:00:00Z", seconds=20) for hour in ("09", "10", "11")),
        track("calculator_used", SUMMED, product="mortgage"),
        page("/mortgage/guide", "2026-05-04T12:30:00Z", seconds=40),
        page("/mortgage/guide", GUIDED, seconds=55),
        track("application_started", STARTED, product="mortgage"),
    )
    return story


def test_each_step_brings_the_next_treatment(tell: Teller) -> None:
    story = told(tell)
    for at, web, mobile in (
        ("2026-05-04T10:59:59.999999Z", None, None),
        (VIEWED, "calculator", "calculator"),
        ("2026-05-04T11:59:59.999999Z", "calculator", "calculator"),
        (SUMMED, "guide", None),  # the guide is no treatment of the app
        ("2026-05-04T12:59:59.999999Z", "guide", None),  # 40 s of it are no reading
        (GUIDED, "banner", "banner"),
        ("2026-05-04T13:59:59.999999Z", "banner", "banner"),
        (STARTED, None, None),
    ):
        for placement, treatment in (("home_hero", web), ("app_home", mobile)):
            shown = [] if treatment is None else [(OFFER, treatment)]
            assert story.offers("u1", placement, at=at) == shown, (at, placement)


def test_what_may_be_done_with_each(tell: Teller) -> None:
    story = told(tell)
    for at, actions in ((VIEWED, ["info"]), (SUMMED, ["info", "contact"]), (GUIDED, ["info", "contact", "apply"])):
        [item] = story.decide("u1", "home_hero", at=at)["items"]
        assert item["actions"] == actions
        assert (item["propensity"], item["score"]) == (0.04, 36.0)


def test_nothing_of_mortgages_once_the_application_is_started(tell: Teller) -> None:
    story = told(tell)
    story.send(consent(channel="email"))
    for placement in ("home_hero", "app_home", "letter"):
        shown = story.decide("u1", placement, at=STARTED)
        assert shown["items"] == []
        assert {step["stage"] for step in shown["funnel"]} == {"eligible"}, placement


def test_by_email_only_with_a_consent_for_email(tell: Teller) -> None:
    story = told(tell)
    shown = story.decide("u1", "letter", at=SUMMED)
    assert (shown["status"], shown["items"]) == ("denied", [])  # general consent is not enough for e-mail
    assert stages_of(shown, OFFER) == ["consent"]
    story.send(consent(channel="email"))
    assert story.offers("u1", "letter", at=SUMMED) == [(OFFER, "guide")]
    story.send(consent(channel="email", at="2026-05-04T12:10:00Z", status="withdrawn"))
    assert story.offers("u1", "letter", at="2026-05-04T12:09:59.999999Z") == [(OFFER, "guide")]
    assert story.offers("u1", "letter", at="2026-05-04T12:10:00Z") == []
    assert story.offers("u1", "home_hero", at="2026-05-04T12:10:00Z") == [(OFFER, "guide")]


def test_one_email_in_seven_days(tell: Teller) -> None:
    story = tell(**BANK)
    views = [page("/mortgage", f"2026-05-{day}T0{hour}:00:00Z", seconds=9) for day in ("04", "09") for hour in range(3)]
    summed = track("calculator_used", "2026-05-04T03:00:00Z", product="mortgage")
    story.send(consent(), consent(channel="email"), *views, summed)
    story.shop.clock.set(SUMMED)
    with story.shop.bank as bank:
        [sent] = bank.decide("u1", "letter").placements["letter"].items
    assert (sent.offer, sent.treatment) == (OFFER, "guide")
    for at in ("2026-05-04T12:00:00.000001Z", "2026-05-09T12:00:00Z", "2026-05-11T12:00:00Z"):
        shown = story.decide("u1", "letter", at=at)
        assert (shown["items"], stages_of(shown, OFFER)) == ([], ["contact"]), at
        assert story.offers("u1", "home_hero", at=at) == [(OFFER, "guide")]  # the web is another channel
    assert story.offers("u1", "letter", at="2026-05-11T12:00:00.000001Z") == [(OFFER, "guide")]
