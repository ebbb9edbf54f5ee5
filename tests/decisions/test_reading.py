from __future__ import annotations

from decimal import Decimal

import pytest
from tests.decisions.bank import UTC, Bank

from onefold.core.document import read_yaml
from onefold.core.instant import DAY, MINUTE, Span
from onefold.core.types import Purpose
from onefold.core.zone import zone
from onefold.decisions.contact.cap import Cap
from onefold.decisions.contact.moment import Per
from onefold.decisions.contact.pause import Pause
from onefold.decisions.contact.preference import Preferences
from onefold.decisions.contact.quiet import Quiet
from onefold.decisions.contact.suppress import Suppress
from onefold.decisions.definitions import Placement, Valid
from onefold.decisions.reading import read_catalogue
from onefold.language.ast import Kind, Literal, Name

MORTGAGE = """
offers:
  fixed_rate_mortgage:
    product: mortgage
    title: Fixed-rate mortgage
    owner: home-loans
    regulated: credit
    purpose: marketing
    partner: null
    value: 900.00
    propensity: "CASE WHEN mortgage_views_7d > 2 THEN 0.04 ELSE 0.005 END"
    valid: {from: 2026-01-01, to: 2026-12-31}
    eligible: "age >= 18 AND NOT has_mortgage"
    applicable: "context.page LIKE '/home%' AND context.weather = 'rain' AND context.hour < 20"
    suitable: "in_segment('intent')"
    terms: {rate: "CASE WHEN mortgage_views_7d > 2 THEN 3.4 ELSE 3.6 END", floor: 3.2}
    weight: 1.5
    lever: 1
    treatments:
      calculator: {kind: tool,    channels: [web, mobile], content: mortgage_calculator.liquid, actions: [info]}
      guide:      {kind: article, channels: [web, email],  content: home_guide.liquid, actions: [info, contact]}
      banner:     {kind: ad, channels: web, actions: [], after: "spend > 10"}
"""
PLAIN = "{product: p, purpose: marketing, treatments: {t: {kind: ad, channels: [web]}}}"


def test_an_offer_of_the_semantics_is_read_as_it_stands(bank: Bank) -> None:
    offer = bank.read(MORTGAGE).offers["fixed_rate_mortgage"]
    assert (offer.product, offer.topic, offer.purpose, offer.partner) == ("mortgage", "mortgage", "marketing", None)
    assert offer.value == Literal(Decimal("900.0"), Kind.NUMBER)
    assert offer.valid == Valid(UTC.parse("2026-01-01"), UTC.parse("2027-01-01"))
    assert [treatment.name for treatment in offer.treatments] == ["calculator", "guide", "banner"]
    assert offer.treatments[0].channels == ("web", "mobile")
    assert offer.treatments[2].channels == ("web",)
    assert offer.treatments[1].actions == ("info", "contact")
    assert offer.suitable == Name("segment.intent", Kind.BOOLEAN)
    assert set(offer.terms) == {"rate"}
    assert offer.floor == Literal(Decimal("3.2"), Kind.NUMBER)


def test_the_catalogue_names_every_expression_and_gate(bank: Bank) -> None:
    catalogue = bank.read(MORTGAGE, policies='policies: {contact: [{suppress: "complaints > 0"}]}')
    assert len(catalogue.expressions) == 1 + 10
    assert {channel for _, channel in catalogue.gates} == {"web", "mobile", "email"}


def test_a_partner_stands_under_third_party_too(bank: Bank) -> None:
    text = f"offers: {{taxi: {PLAIN[:-1]}, partner: TaxiCo}}}}"
    assert bank.read(text).offers["taxi"].purposes == (Purpose.MARKETING, Purpose.THIRD_PARTY)


def test_placements_are_read_with_their_defaults(bank: Bank) -> None:
    text = """
    placements:
      home_hero: {channel: web, limit: 2, default: welcome, excludes: [a, b], confirms: true}
      app_card: {channel: mobile}
    """
    catalogue = bank.read(f"offers: {{a: {PLAIN}, b: {PLAIN}}}", text)
    assert catalogue.placements == {
        "home_hero": Placement("home_hero", "web", "welcome", 2, frozenset({"a", "b"}), confirms=True),
        "app_card": Placement("app_card", "mobile"),
    }


def test_policies_are_read_in_order_behind_the_customers_own_wishes(bank: Bank) -> None:
    text = """
    policies:
      contact:
        - {cap: 1, channel: email, within: 7d}
        - {cap: 3, per: topic, within: 1mo, channels: [web, mobile], except: [service]}
        - {pause: 30d, after: {rejections: 3, within: 30d}, per: offer}
        - {quiet: "21:00-08:00", channels: [sms, push]}
        - {suppress: "complaints > 0", except: [service]}
      reserve: 45m
    """
    catalogue = bank.read(policies=text)
    own, first, second, pause, quiet, suppress = catalogue.contact
    assert isinstance(own, Preferences)
    assert first == Cap(1, Span(fixed=7 * DAY), ("email",))
    assert second == Cap(3, Span(months=1), ("web", "mobile"), Per.TOPIC, frozenset({Purpose.SERVICE}))
    assert pause == Pause(Span(fixed=30 * DAY), "rejections", 3, Span(fixed=30 * DAY), Per.OFFER)
    assert quiet == Quiet(21 * 60 * MINUTE, 8 * 60 * MINUTE, ("sms", "push"))
    assert isinstance(suppress, Suppress)
    assert suppress.exempt == {Purpose.SERVICE}
    assert catalogue.reserve == Span(fixed=45 * MINUTE)


def test_nothing_written_is_an_empty_catalogue_with_the_customers_wishes(bank: Bank) -> None:
    catalogue = bank.read()
    assert (catalogue.offers, catalogue.placements, catalogue.contact) == ({}, {}, (Preferences(),))
    assert catalogue.reserve == Span(fixed=30 * MINUTE)


@pytest.mark.parametrize(
    ("valid", "start", "end"),
    [
        ("{from: 2026-03-29}", "2026-03-28T23:00:00Z", None),
        ("{to: 2026-03-29}", None, "2026-03-29T22:00:00Z"),
        ("{to: 2026-03-29T10:00:00+02:00}", None, "2026-03-29T08:00:00.000001Z"),
        ("{from: 2026-03-29T08:00:00Z, to: '2026-03-29 10:00'}", "2026-03-29T08:00:00Z", "2026-03-29T08:00:00.000001Z"),
    ],
)
def test_validity_includes_its_last_day_and_its_last_microsecond(
    bank: Bank, valid: str, start: str | None, end: str | None
) -> None:
    text = f"offers: {{a: {PLAIN[:-1]}, valid: {valid}}}}}"
    found = bank.read(text, home=zone("Europe/Prague")).offers["a"].valid
    assert found == Valid(UTC.parse(start) if start else None, UTC.parse(end) if end else None)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("valid: {from: 2026-02-02, to: 2026-02-01}", "lies before"),
        ("valid: {from: 2026-02-02T00:00:00Z, to: 2026-02-01T23:59:59Z}", "lies before"),
        ("valid: {from: yesterday}", "ISO 8601"),
        ("valid: {until: 2026-02-01}", "no such key"),
        ("propensity: 4", "no probability"),
        ("propensity: -0.1", "no probability"),
        ("propensity: {model: accept_v1}", "later release"),
        ("propensity: {adaptive: true}", "later release"),
        ("propensity: spend", "number belongs here"),
        ("propensity:", "it is empty"),
        ("value: {model: x}", "later release"),
        ("value: [1, 2]", "text"),
        ("value: context.page", "number or money belongs here"),
        ("value: .inf", "no such name"),
        ("weight: -1", "below 0"),
        ("eligible: ''", ""),
        ("eligible:", "it is empty"),
        ("eligible: age", "condition belongs here"),
        ("eligible: ages > 3", "no such name"),
        ("eligible: in_segment('intend')", "no segment"),
        ("suitable: persona('x') > 0.6", "no function"),
        ("terms: {Rate: 3}", "snake case"),
        ("terms: {rate: 3, floor: age}", "one for all"),
        ("topic: Home Loans", "snake case"),
        ("colour: red", "no such key"),
        ("regulated: Credit!", "snake case"),
    ],
)
def test_a_fault_of_an_offer_is_a_problem_with_place_and_remedy(bank: Bank, more: str, why: str) -> None:
    body = "product: p\n    purpose: marketing\n    treatments: {t: {kind: ad, channels: [web]}}"
    (problem,) = bank.problems(f"offers:\n  a:\n    {body}\n    {more}\n")
    assert why in problem.why
    assert problem.place.file == "offers/all.yaml"
    assert problem.place.line == 6


@pytest.mark.parametrize(
    ("treatments", "why"),
    [
        ("", "nothing says how"),
        ("{}", "nothing says how"),
        ("web", "mapping belongs here"),
        ("{t: {channels: [web]}}", "missing"),
        ("{t: {kind: ad}}", "missing"),
        ("{t: {kind: ad, channels: []}}", "empty"),
        ("{t: {kind: advert, channels: [web]}}", "not known"),
        ("{t: {kind: ad, channels: [Web]}}", "snake case"),
        ("{T: {kind: ad, channels: [web]}}", "snake case"),
        ("{t: {kind: ad, channels: [web], after: 3}}", "condition belongs here"),
        ("{t: {kind: ad, channels: [web], colour: red}}", "no such key"),
    ],
)
def test_a_fault_of_a_treatment_is_a_problem(bank: Bank, treatments: str, why: str) -> None:
    text = f"offers:\n  a:\n    product: p\n    purpose: marketing\n    treatments: {treatments}\n"
    (problem,) = bank.problems(text)
    assert why in problem.why


@pytest.mark.parametrize(
    "name", ["Loan", "1st", "a-b", "a b", "a" * 61, "'../x'", "'a;DROP TABLE x'", "'[object Object]'", "é"]
)
def test_hostile_names_are_refused(bank: Bank, name: str) -> None:
    (problem,) = bank.problems(f"offers: {{{name}: {PLAIN}}}")
    assert "name" in problem.why
    (problem,) = bank.problems(placements=f"placements: {{{name}: {{channel: web}}}}")
    assert "name" in problem.why


def test_all_problems_of_all_files_come_at_once(bank: Bank) -> None:
    offers = "offers: {a: {product: P, purpose: marketting, treatments: {t: {kind: ad, channels: [web]}}}}"
    placements = "placements: {home: {channel: web, limit: 0, excludes: [b], confirms: often, colour: red}}"
    policies = "policies: {contact: [{cap: 0, within: 1d}, {lid: 3}, {cap: 1, quiet: x}], reserve: 1mo, limit: 3}"
    found = bank.problems(offers, placements, policies)
    assert [problem.place.file for problem in found] == [
        *["offers/all.yaml"] * 2,
        *["placements.yaml"] * 4,
        *["policies.yaml"] * 5,
    ]
    remedies = " ".join(problem.remedy for problem in found)
    assert "Did you mean `marketing`?" in remedies


def test_an_offer_at_fault_may_still_be_excluded(bank: Bank) -> None:
    offers = "offers: {loan: {product: p, purpose: marketing, treatments: {}}}"
    (problem,) = bank.problems(offers, "placements: {home: {channel: web, excludes: [loan]}}")
    assert problem.what == "`treatments`"


def test_an_offer_of_two_files_is_refused(bank: Bank) -> None:
    files = [read_yaml(f"offers: {{loan: {PLAIN}}}", f"offers/{name}.yaml") for name in "ab"]
    catalogue = read_catalogue(
        files, None, None, features=bank.features, segments=bank.segments, zone=UTC, own_consent=frozenset(), context={}
    )
    assert list(catalogue.offers) == ["loan"]
    (problem,) = files[1].problems.found
    assert "twice" in problem.why
    assert str(problem.place) == "offers/b.yaml:1:10"


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ("{cap: 1}", "missing"),
        ("{cap: one, within: 1d}", "whole number"),
        ("{cap: true, within: 1d}", "whole number"),
        ("{cap: 1, within: soon}", "no span"),
        ("{cap: 1, within: 0d}", "no time at all"),
        ("{cap: 1, within: 1d, per: person}", "not known"),
        ("{cap: 1, within: 1d, channel: web, channels: [web]}", "already says"),
        ("{cap: 1, within: 1d, channels: []}", "empty"),
        ("{cap: 1, within: 1d, except: [servis]}", "not known"),
        ("{cap: 1, within: 1d, after: x}", "no such key"),
        ("{pause: 30d}", "what the pause follows"),
        ("{pause: 30d, after: {within: 3d}}", "what the pause follows"),
        ("{pause: 30d, after: {clicks: 1, ignored: 2, within: 3d}}", "several"),
        ("{pause: 30d, after: {rejections: 3}}", "within which time"),
        ("{pause: long, after: {rejections: 1}}", "no span"),
        ("{quiet: 21-8}", "no span of hours"),
        ("{quiet: '21:00-21:00'}", "no span of hours"),
        ("{quiet: '00:00-24:00'}", "no span of hours"),
        ("{quiet: '25:00-08:00'}", "no span of hours"),
        ("{quiet: '21:60-08:00'}", "no span of hours"),
        ("{suppress: ''}", ""),
        ("{suppress: spend}", "condition belongs here"),
        ("{}", "nothing that is known"),
        ("3", "mapping belongs here"),
    ],
)
def test_a_fault_of_a_policy_is_a_problem(bank: Bank, policy: str, why: str) -> None:
    (problem,) = bank.problems(policies=f"policies: {{contact: [{policy}]}}")
    assert why in problem.why


@pytest.mark.parametrize(
    ("term", "path"),
    [
        ("age / 10", "rate -> age -> traits.birth_date"),
        ("CASE WHEN young THEN 3 ELSE 4 END", "rate -> young -> age -> traits.birth_date"),
        ("CASE WHEN sex = 'f' THEN 3 ELSE 4 END", "rate -> sex -> traits.sex"),
        ("spend_near / 100", "rate -> spend_near -> card_purchase.postcode"),
        ("CASE WHEN in_segment('juniors') THEN 3 ELSE 4 END", "rate -> in_segment('juniors') -> young -> age"),
        ("CASE WHEN in_segment('second') THEN 3 ELSE 4 END", "rate -> in_segment('second') -> very_young -> age"),
    ],
)
def test_prices_never_rest_on_protected_or_proxy_data(bank: Bank, term: str, path: str) -> None:
    text = f'offers: {{a: {PLAIN[:-1]}, terms: {{rate: "{term}"}}}}}}'
    problems = bank.problems(text)
    assert len(problems) == 1
    assert path in problems[0].why
    assert "protected" in problems[0].why or "proxy" in problems[0].why


@pytest.mark.parametrize("factor", ["propensity", "value", "weight", "lever"])
def test_the_rank_of_regulated_offers_rests_on_no_protected_data(bank: Bank, factor: str) -> None:
    text = f'{PLAIN[:-1]}, {factor}: "CASE WHEN young THEN 0.5 ELSE 0.4 END"'
    assert bank.read(f"offers: {{a: {text}}}}}").offers
    (problem,) = bank.problems(f"offers: {{a: {text}, regulated: credit}}}}")
    assert f"{factor} -> young -> age -> traits.birth_date" in problem.why
    allowed = f"{PLAIN[:-1]}, regulated: credit, eligible: age >= 18, suitable: NOT young}}"
    assert bank.read(f"offers: {{a: {allowed}}}").offers


def test_prices_may_rest_on_personal_data(bank: Bank) -> None:
    assert bank.read(f'offers: {{a: {PLAIN[:-1]}, terms: {{fee: "income / 100"}}}}}}').offers["a"].terms
