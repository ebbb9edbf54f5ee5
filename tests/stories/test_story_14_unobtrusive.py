"""Story 14: at most three offers a day, exactly, however many ask at once; and the customer's own wishes rule."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from tests.acceptance.shop import track
from tests.stories.telling import Story, Teller, consent, offers_of, stages_of

from onefold.decisions.answer import Answer
from onefold.workspace.bank import Bank

EVENTS = """
events:
  login: {}
"""
FEATURES = """
features:
  logins: {count: login}
"""
OFFERS = """
offers:
  car_loan:
    product: car_loan
    topic: loans
    purpose: marketing
    value: 200
    treatments: {banner: {kind: ad, channels: [web, mobile]}}
  cash_loan:
    product: cash_loan
    topic: loans
    purpose: marketing
    value: 150
    treatments: {banner: {kind: ad, channels: [web, mobile]}}
  savings_account:
    product: savings_account
    topic: savings
    purpose: marketing
    value: 70
    treatments: {article: {kind: article, channels: [web, mobile]}}
  loan_statement:
    product: statement
    topic: loans
    purpose: service
    value: 1
    applicable: "context.page = '/statements'"
    treatments: {note: {kind: message, channels: [web]}}
"""
PLACEMENTS = """
placements:
  home_hero: {channel: web, default: welcome}
  app_home:  {channel: mobile, default: balance, confirms: true}
"""
POLICIES = """
policies:
  contact:
    - {cap: 3, per: customer, within: 1d, channels: [web, mobile]}
"""
BANK = {
    "events": EVENTS, "features": FEATURES, "offers": OFFERS, "placements": PLACEMENTS, "policies": POLICIES,
}  # fmt: skip
LOANS = {"car_loan", "cash_loan"}
START = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def told(tell: Teller, customer: str = "u1") -> Story:
    story = tell(**BANK)
    story.send(consent(customer))
    return story


def test_ten_decisions_in_an_hour_give_three_offers(tell: Teller) -> None:
    story, shown = told(tell), list[int]()
    for number in range(10):
        at = START + timedelta(minutes=6 * number)
        story.shop.clock.set(iso(at))
        answer = story.shop.bank.decide("u1", "home_hero", explain=True).placements["home_hero"]
        shown.append(len(answer.items))
        assert (answer.status, answer.default) == ("ok", "welcome")
        if number >= 3:
            assert isinstance(answer.funnel, tuple)
            capped = [step for step in answer.funnel if step.offer != "loan_statement"]
            assert {step.stage for step in capped} == {"contact"}
            assert all(step.reason.startswith("3 of 3 on web, mobile within 1d") for step in capped)
            assert all(step.reason.endswith(f"free again at {iso(START + DAY + MICROSECOND)}") for step in capped)
    assert shown == [1] * 3 + [0] * 7
    story.shop.bank.close()
    listed = story.asked("decisions", "list", "--customer", "u1")
    assert Counter(len(one["placements"]["home_hero"]) for one in listed) == {1: 3, 0: 7}
    for at, count in ((START + DAY, 0), (START + DAY + MICROSECOND, 1)):  # the first of the three leaves the window
        assert len(story.offers("u1", "home_hero", at=iso(at))) == count
    assert len(story.offers("u1", "app_home", at=iso(START + timedelta(hours=2)))) == 0  # the cap holds on both


def test_ten_decisions_that_the_page_confirms(tell: Teller) -> None:
    """Every offer is reserved, then shown a second later: it counts once."""
    story, shown = told(tell), list[int]()
    for number in range(10):
        at = START + timedelta(minutes=6 * number)
        story.shop.clock.set(iso(at))
        answer = story.shop.bank.decide("u1", "app_home")
        items = answer.placements["app_home"].items
        shown.append(len(items))
        story.shop.clock.set(iso(at + timedelta(seconds=1)))
        for item in items:
            assert story.shop.bank.record(answer.decision_id, item.offer, "shown", message_id=f"shown {number}")
    assert shown == [1] * 3 + [0] * 7


def test_three_on_the_command_line(tell: Teller) -> None:
    story, shown = told(tell), list[int]()
    for number in range(5):
        at = iso(START + timedelta(minutes=number))
        answer = story.asked("decide", "u1", "--placement", "home_hero", "--at", at, "--record")
        shown.append(len(answer["placements"]["home_hero"]["items"]))
    assert shown == [1, 1, 1, 0, 0]


def test_a_thousand_at_once(tell: Teller) -> None:
    """Eight threads, two banks open on one folder, two placements of two channels: exactly three exposures."""
    story = told(tell, "u2")
    story.shop.clock.set(iso(START))
    with Bank(story.shop.folder, clock=story.shop.clock) as other, ThreadPoolExecutor(8) as threads:
        banks, placements = (story.shop.bank, other), ("home_hero", "app_home")

        def ask(number: int) -> Answer:
            return banks[number % 2].decide("u2", placements[number // 2 % 2])

        answers = list(threads.map(ask, range(1000)))
    assert len({answer.decision_id for answer in answers}) == 1000
    assert {answer.status for answer in answers} == {"ok"}
    assert sum(len(one.items) for answer in answers for one in answer.placements.values()) == 3
    story.shop.bank.close()
    replayed = story.asked("decisions", "replay")
    assert replayed == {"decisions": 1000, "mismatches": 0, "differing": []}


def test_snoozed_loans_for_720_hours_and_savings_wanted(tell: Teller) -> None:
    story = told(tell)
    until = START + timedelta(hours=720)
    story.send(
        track("preference_set", iso(START), topic="savings", preference="wanted"),
        track("preference_set", iso(START), topic="loans", preference="snoozed", until=iso(until)),
    )
    assert story.offers("u1", "home_hero", at=iso(START - MICROSECOND)) == [("car_loan", "banner")]
    for hour in range(720):
        found = story.shop.bank.decide("u1", "home_hero", at=START + timedelta(hours=hour), dry_run=True)
        assert [item.offer for item in found.placements["home_hero"].items] == ["savings_account"], hour
    shown = story.decide("u1", "home_hero", at=iso(until - MICROSECOND))
    assert offers_of(shown) == [("savings_account", "article")]
    assert stages_of(shown, "car_loan") == stages_of(shown, "cash_loan") == ["contact"]
    assert f"the customer snoozed loans until {iso(until)}" in {step["reason"] for step in shown["funnel"]}
    assert story.offers("u1", "home_hero", at=iso(until + MICROSECOND)) == [("car_loan", "banner")]


def test_what_the_bank_owes_is_said_nevertheless(tell: Teller) -> None:
    story = told(tell)
    story.send(
        track("preference_set", iso(START), topic="loans", preference="unwanted"),
        track("preference_set", iso(START), topic="savings", preference="unwanted"),
    )
    at = iso(START + timedelta(days=400))
    assert story.offers("u1", "home_hero", at=at) == []
    assert story.offers("u1", "home_hero", at=at, context={"page": "/statements"}) == [("loan_statement", "note")]
    story.send(track("preference_set", iso(START + DAY), topic="loans", preference="wanted"))
    assert story.offers("u1", "home_hero", at=at) == [("car_loan", "banner")]


def test_a_preference_that_is_none_is_rejected(tell: Teller) -> None:
    story = told(tell)
    assert story.shop.send(track("preference_set", iso(START), topic="loans", preference="perhaps")).rejected == 1
    assert story.offers("u1", "home_hero", at=iso(START)) == [("car_loan", "banner")]
