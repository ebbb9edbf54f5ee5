"""Each stage of the funnel alone, the status of a placement, what an item holds."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.decisions.bank import NOON, UTC, Bank, Customer, chosen, ends, granted

from onefold.core.errors import UserError
from onefold.core.instant import DAY, MINUTE
from onefold.core.types import Purpose
from onefold.decisions.answer import Status, encode
from onefold.decisions.contact.moment import Contact, Outcome, Preference, Wish
from onefold.decisions.funnel.call import snapshot
from onefold.language.ast import Kind
from onefold.language.values import Value

HOME = "placements: {home: {channel: web, default: welcome}}"
BANNER = "treatments: {banner: {kind: ad, channels: [web]}}"


def offer(name: str, more: str = "", treatments: str = BANNER) -> str:
    return f"{name}: {{product: {name}, purpose: marketing, {treatments}{', ' if more else ''}{more}}}"


def offers(*stated: str) -> str:
    return f"offers: {{{', '.join(stated)}}}"


def end(bank: Bank, more: str, customer: Customer, *, placements: str = HOME, policies: str = "") -> tuple[str, str]:
    """Return where the one offer ends and why."""
    prepared = bank.prepare(offers(offer("loan", more)), placements, policies)
    answer = customer.ask(prepared, "home")
    found = ends(answer, "home")["loan", "banner"]
    assert chosen(answer, "home") == (["loan"] if found[0] == "chosen" else [])
    return found


@pytest.mark.parametrize(
    ("more", "customer", "stage", "reason"),
    [
        ("", Customer(consents=granted()), "consent", "marketing is not granted for web"),
        ("partner: TaxiCo", Customer(), "consent", "third_party is not granted for web"),
        ("partner: X", Customer(consents=granted(Purpose.MARKETING, Purpose.THIRD_PARTY)), "chosen", "rank 1"),
        ("valid: {from: 2026-05-05}", Customer(), "valid", "it begins at 2026-05-05T00:00:00Z"),
        ("valid: {to: 2026-05-03}", Customer(), "valid", "it ended before 2026-05-04T00:00:00Z"),
        ("valid: {from: 2026-05-04T12:00:00Z, to: 2026-05-04T12:00:00Z}", Customer(), "chosen", "rank 1"),
        ("eligible: age >= 18", Customer({"age": 18.0}), "chosen", "rank 1"),
        (
            "eligible: age >= 18 AND NOT has_mortgage",
            Customer({"age": 30.0, "has_mortgage": True}),
            "eligible",
            "not eligible: has_mortgage is true (needed: has mortgage is not true)",
        ),
        (
            "eligible: age >= 18 AND NOT has_mortgage",
            Customer({"age": 15.0}),
            "eligible",
            "not eligible: age is 15 (needed: the age is at least 18)",
        ),
        (
            "eligible: age >= 18 AND NOT has_mortgage",
            Customer({"age": 30.0}),
            "eligible",
            "not eligible: has_mortgage is unknown (needed: has mortgage is not true)",
        ),
        (
            "eligible: has_mortgage OR spend > 12.50",
            Customer({"has_mortgage": 0.0, "spend": 1250.0}),
            "eligible",
            "not eligible: has_mortgage is false (needed: has mortgage is true);"
            " spend is 12.5 (needed: the spend is more than 12.5)",
        ),
        (
            "eligible: NOT (age < 18)",
            Customer({}),
            "eligible",
            "not eligible: age is unknown (needed: the age is at least 18)",
        ),
        ("eligible: FALSE", Customer(), "eligible", "not eligible: needed: false"),
        (
            "eligible: in_segment('intent')",
            Customer({"segment.intent": False}),
            "eligible",
            "not eligible: segment.intent is false (needed: in the segment intent)",
        ),
        (
            "applicable: \"context.page LIKE '/home%'\"",
            Customer({"context.page": "/car"}),
            "applicable",
            "not applicable: context.page is /car (needed: the context page looks like /home%)",
        ),
        (
            "suitable: region = 'x'",
            Customer({}),
            "suitable",
            "not suitable: region is unknown (needed: the region is x)",
        ),
        ("propensity: 0", Customer(), "ranking", "nothing worth saying: the score is 0.0"),
        ("value: -3", Customer(), "ranking", "nothing worth saying: the score is -3.0"),
        ("value: spend", Customer({}), "ranking", "nothing worth saying: its value is unknown"),
        (
            "propensity: age",
            Customer({"age": 2.0}),
            "ranking",
            "nothing worth saying: its propensity of 2.0 is no probability",
        ),
        ("propensity: age", Customer({}), "ranking", "nothing worth saying: its propensity is unknown"),
        ("weight: age", Customer({}), "ranking", "nothing worth saying: its weight or lever is unknown"),
        ("value: 1e200, weight: 1e200", Customer(), "ranking", "nothing worth saying: its score is beyond all numbers"),
    ],
)
def test_a_stage_lets_pass_or_says_why_not(bank: Bank, more: str, customer: Customer, stage: str, reason: str) -> None:
    assert end(bank, more, customer) == (stage, reason)


def test_a_placement_may_exclude_an_offer(bank: Bank) -> None:
    excludes = "placements: {home: {channel: web, excludes: [loan]}}"
    assert end(bank, "", Customer(), placements=excludes) == ("applicable", "home never shows loan")


def test_a_treatment_waits_for_its_turn(bank: Bank) -> None:
    treatments = (
        'treatments: {first: {kind: tool, channels: [web]}, then: {kind: ad, channels: [web], after: "spend > 1"}}'
    )
    prepared = bank.prepare(offers(offer("loan", treatments=treatments)), HOME)
    found = ends(Customer({"spend": 50.0}).ask(prepared, "home"), "home")
    assert found["loan", "first"] == ("chosen", "rank 1")
    assert found["loan", "then"] == ("applicable", "not its turn: spend is 0.5 (needed: the spend is more than 1)")


def test_the_stages_come_in_their_order(bank: Bank) -> None:
    everything = (
        "valid: {to: 2020-01-01}, eligible: FALSE, applicable: FALSE, suitable: FALSE, propensity: 0",
        "eligible: FALSE, applicable: FALSE, suitable: FALSE, propensity: 0",
        "applicable: FALSE, suitable: FALSE, propensity: 0",
        "suitable: FALSE, propensity: 0",
        "propensity: 0",
    )
    policies = 'policies: {contact: [{suppress: "TRUE"}]}'
    found = [end(bank, more, Customer(), policies=policies)[0] for more in everything]
    assert found == ["valid", "eligible", "applicable", "suitable", "contact"]
    assert end(bank, everything[0], Customer(consents=granted()), policies=policies)[0] == "consent"
    assert end(bank, "propensity: 0", Customer())[0] == "ranking"


def test_wishes_and_quiet_hours_stand_under_contact(bank: Bank) -> None:
    wish = Customer(preferences=[Preference(Wish.UNWANTED, 0, "loan")])
    stage, reason = end(bank, "", wish)
    assert (stage, reason) == ("contact", "the customer does not want loan, as stated at 1970-01-01T00:00:00Z")
    assert end(bank, "topic: other", wish)[0] == "chosen"
    quiet = "policies: {contact: [{quiet: '11:00-13:00'}]}"
    assert end(bank, "", Customer(), policies=quiet) == ("contact", "quiet hours 11:00-13:00: it is 12:00 in UTC")


def test_past_exposures_and_reservations_count(bank: Bank) -> None:
    policies = "policies: {contact: [{cap: 2, within: 1d}], reserve: 30m}"
    shown = Contact(Outcome.SHOWN, NOON - 5, "loan", "banner", "home", "web", "d0")
    reserved = Contact(Outcome.RESERVED, NOON - 30 * MINUTE, "card", "banner", "home", "web", "d9")
    assert end(bank, "", Customer(contacts=[reserved, shown]), policies=policies)[0] == "contact"
    late = Customer(contacts=[reserved, shown], now=NOON + 1)
    assert end(bank, "", late, policies=policies)[0] == "chosen"


# --- ranking, diversity, limits -----------------------------------------------------------------------------------


def test_the_best_score_comes_first_and_ties_by_definition(bank: Bank) -> None:
    stated = offers(offer("b", "value: 2"), offer("c", "value: 3"), offer("a", "value: 2"), offer("d", "value: 1"))
    prepared = bank.prepare(stated, "placements: {home: {channel: web, limit: 3}}")
    answer = Customer().ask(prepared, "home")
    assert chosen(answer, "home") == ["c", "b", "a"]
    assert ends(answer, "home")["d", "banner"] == ("rank", "home shows 3, others rank higher")
    funnel = answer.placements["home"].funnel
    assert isinstance(funnel, tuple)
    assert [step.score for step in funnel] == [2.0, 3.0, 2.0, 1.0]


def test_ties_go_by_definition_even_where_a_later_offer_promised_more(bank: Bank) -> None:
    promising = offer("b", 'value: 3, propensity: "CASE WHEN has_mortgage THEN 1 ELSE 0.5 END"')
    prepared = bank.prepare(offers(offer("a", "value: 1.5"), promising), HOME)
    assert chosen(Customer({"has_mortgage": False}).ask(prepared, "home"), "home") == ["a"]
    assert chosen(Customer({"has_mortgage": True}).ask(prepared, "home"), "home") == ["b"]


def test_the_score_is_propensity_times_value_times_weight_times_lever(bank: Bank) -> None:
    more = "propensity: 0.04, value: 'spend * 2', weight: 1.5, lever: 2"
    answer = Customer({"spend": 12345.0}).ask(bank.prepare(offers(offer("loan", more)), HOME), "home")
    (item,) = answer.placements["home"].items
    assert (item.propensity, item.pscore) == (0.04, 1.0)
    assert item.score == 0.04 * 246.90 * 1.5 * 2


def test_an_offer_stands_once_by_its_first_treatment(bank: Bank) -> None:
    treatments = "treatments: {tool: {kind: tool, channels: [web]}, ad: {kind: ad, channels: [web, sms]}}"
    prepared = bank.prepare(
        offers(offer("loan", treatments=treatments)), "placements: {home: {channel: web, limit: 9}}"
    )
    answer = Customer().ask(prepared, "home")
    assert [item.treatment for item in answer.placements["home"].items] == ["tool"]
    assert ends(answer, "home")["loan", "ad"] == ("diversity", "the treatment tool says it better")


def test_no_offer_stands_twice_in_a_call(bank: Bank) -> None:
    prepared = bank.prepare(
        offers(offer("a", "value: 2"), offer("b")), "placements: {one: {channel: web}, two: {channel: web}}"
    )
    answer = Customer().ask(prepared, "two", "one", "two")
    assert list(answer.placements) == ["two", "one"]
    assert (chosen(answer, "two"), chosen(answer, "one")) == (["a"], ["b"])
    assert ends(answer, "one")["a", "banner"][0] == "diversity"


def test_a_choice_is_an_exposure_for_what_is_chosen_after_it(bank: Bank) -> None:
    policies = "policies: {contact: [{cap: 2, within: 1d}]}"
    stated = offers(offer("a", "value: 9"), offer("b", "value: 8"), offer("c", "value: 7"), offer("d", "value: 6"))
    places = "placements: {one: {channel: web, limit: 3}, two: {channel: web, confirms: true}}"
    answer = Customer().ask(bank.prepare(stated, places, policies), "one", "two")
    assert (chosen(answer, "one"), chosen(answer, "two")) == (["a", "b"], [])
    first = ends(answer, "one")
    assert first["c", "banner"] == ("contact", "2 of 2 within 1d; free again at 2026-05-05T12:00:00.000001Z")
    assert first["d", "banner"][0] == "contact"
    assert {stage for stage, _ in ends(answer, "two").values()} == {"contact"}


def test_a_choice_that_is_to_be_confirmed_frees_its_place_when_it_lapses(bank: Bank) -> None:
    policies = "policies: {contact: [{cap: 1, within: 1d}], reserve: 10m}"
    places = "placements: {home: {channel: web, limit: 2, confirms: true}}"
    answer = Customer().ask(bank.prepare(offers(offer("a"), offer("b")), places, policies), "home")
    assert ends(answer, "home")["b", "banner"][1].endswith("free again at 2026-05-04T12:10:00.000001Z")


def test_a_cap_per_product_passes_over_to_the_next(bank: Bank) -> None:
    policies = "policies: {contact: [{cap: 1, per: topic, within: 1d}]}"
    stated = offers(offer("a", "topic: x, value: 3"), offer("b", "topic: x, value: 2"), offer("c", "topic: y"))
    prepared = bank.prepare(stated, "placements: {home: {channel: web, limit: 2}}", policies)
    answer = Customer().ask(prepared, "home")
    assert chosen(answer, "home") == ["a", "c"]
    assert ends(answer, "home")["b", "banner"][0] == "contact"


# --- channels and context -----------------------------------------------------------------------------------------


def test_the_request_s_channel_stands_before_the_placement_s(bank: Bank) -> None:
    treatments = "treatments: {w: {kind: ad, channels: [web]}, m: {kind: ad, channels: [mobile]}}"
    more = "propensity: \"CASE WHEN context.channel = 'mobile' THEN 0.5 ELSE 0.25 END\""
    prepared = bank.prepare(offers(offer("loan", more, treatments)), HOME)
    for channel, treatment, propensity in ((None, "w", 0.25), ("mobile", "m", 0.5)):
        (item,) = Customer().ask(prepared, "home", channel=channel).placements["home"].items
        assert (item.treatment, item.propensity) == (treatment, propensity)
    nowhere = Customer().ask(prepared, "home", channel="fax").placements["home"]
    assert (nowhere.status, nowhere.items, nowhere.funnel) == ("ok", (), ())


def test_conditions_on_the_channel_are_worked_out_for_each(bank: Bank) -> None:
    both = "treatments: {t: {kind: ad, channels: [web, sms]}}"
    stated = offers(offer("loan", "eligible: \"context.channel = 'sms'\"", both))
    prepared = bank.prepare(stated, "placements: {one: {channel: web}, two: {channel: sms}}")
    answer = Customer().ask(prepared, "one", "two")
    assert (chosen(answer, "one"), chosen(answer, "two")) == ([], ["loan"])


@pytest.mark.parametrize(
    ("kind", "value", "seen"),
    [
        (Kind.CATEGORY, "x", "x"),
        (Kind.CATEGORY, 3, None),
        (Kind.CATEGORY, True, None),
        (Kind.NUMBER, 3, 3.0),
        (Kind.NUMBER, Decimal("2.5"), 2.5),
        (Kind.NUMBER, "3", None),
        (Kind.NUMBER, True, None),
        (Kind.NUMBER, float("nan"), None),
        (Kind.NUMBER, Decimal("inf"), None),
        (Kind.BOOLEAN, True, True),
        (Kind.BOOLEAN, 1, None),
        (Kind.NUMBER, None, None),
    ],
)
def test_context_of_a_wrong_kind_is_unknown(kind: Kind, value: Value, seen: Value) -> None:
    found = snapshot({"context.x": value}, {"context.x": kind})["context.x"]
    assert (found, type(found)) == (seen, type(seen))


# --- status -------------------------------------------------------------------------------------------------------


def test_denied_is_when_every_candidate_fell_at_consent(bank: Bank) -> None:
    service = "card: {product: card, purpose: service, treatments: {t: {kind: ad, channels: [app]}}}"
    places = "placements: {home: {channel: web, default: hello}, app: {channel: app}, none: {channel: fax}}"
    prepared = bank.prepare(offers(offer("loan"), service), places)
    nobody = Customer(consents=granted())
    answer = nobody.ask(prepared, "home", "app", "none")
    assert [one.status for one in answer.placements.values()] == [Status.DENIED, Status.OK, Status.OK]
    assert answer.status is Status.DENIED
    assert answer.placements["home"].default == "hello"
    assert nobody.ask(prepared, "app", "none").status is Status.OK
    assert Customer({}).ask(prepared, "home").status is Status.OK


def test_nothing_worth_saying_is_ok_and_shows_the_default(bank: Bank) -> None:
    answer = Customer({"age": 3.0}).ask(bank.prepare(offers(offer("loan", "eligible: age > 18")), HOME), "home")
    home = answer.placements["home"]
    assert (home.status, home.items, home.default) == ("ok", (), "welcome")


def test_placements_that_are_not_there_are_refused_all_at_once(bank: Bank) -> None:
    prepared = bank.prepare(offers(offer("loan")), HOME)
    with pytest.raises(UserError) as caught:
        Customer().ask(prepared, "hom", "home", "x")
    assert [problem.remedy for problem in caught.value.problems] == ["Did you mean `home`?", "Use one of: home."]
    with pytest.raises(UserError, match="no placement"):
        Customer().ask(prepared)


# --- what an item holds -------------------------------------------------------------------------------------------

RICH = """
offers:
  mortgage:
    product: mortgage
    purpose: marketing
    value: 900.00
    propensity: "CASE WHEN mortgage_views_7d > 2 AND complaints = 0 THEN 0.04 ELSE 0.005 END"
    eligible: "age >= 18 AND NOT has_mortgage"
    applicable: "context.page LIKE '/home%' OR context.page = '/x'"
    suitable: "in_segment('intent') AND NOT in_segment('second') AND NOT in_segment('juniors') AND spend > 10"
    terms:
      rate: "CASE WHEN mortgage_views_7d > 2 THEN 3.40 ELSE 3.6 END"
      fee: "spend / 3"
      low: 1
      gone: income
      floor: 3.20
    treatments:
      tool: {kind: tool, channels: [web], content: mortgage.liquid, actions: [info, apply]}
"""
ROW: dict[str, Value] = {
    "mortgage_views_7d": 3.0,
    "complaints": 0.0,
    "age": 30.0,
    "has_mortgage": False,
    "context.page": "/home",
    "segment.intent": True,
    "segment.juniors": False,
    "segment.second": False,
    "spend": 123456.0,
}


def test_an_item_says_everything(bank: Bank) -> None:
    answer = Customer(ROW).ask(bank.prepare(RICH, HOME), "home")
    (item,) = answer.placements["home"].items
    assert item.terms == {"rate": Decimal("3.4"), "fee": 411.52, "low": Decimal("3.2"), "gone": None}
    assert isinstance(item.terms["rate"], Decimal)
    assert (item.actions, item.content) == (("info", "apply"), "mortgage.liquid")
    assert item.score == 0.04 * 900
    assert item.reasons == (
        "mortgage views 7d is 3",
        "complaints is 0",
        "has mortgage is false",
        "page is /home",
        "in the segment Looking at mortgages",
    )


def test_no_reason_rests_on_protected_data(bank: Bank) -> None:
    condition = "age > 18 AND NOT young AND in_segment('juniors') AND sex = 'f' AND spend_near > 1 AND spend > 2"
    text = offers(offer("a", f'eligible: "{condition}"'))
    row: dict[str, Value] = {
        "age": 20.0, "young": False, "segment.juniors": True, "sex": "f", "spend_near": 500.0, "spend": 500.0,
    }  # fmt: skip
    (item,) = Customer(row).ask(bank.prepare(text, HOME), "home").placements["home"].items
    assert item.reasons == ("spend is 5",)


def test_the_json_is_that_of_the_semantics_and_the_same_every_time(bank: Bank) -> None:
    prepared = bank.prepare(RICH, HOME)
    first = encode(Customer(ROW).ask(prepared, "home", explain=False))
    again = encode(Customer(dict(reversed(ROW.items()))).ask(bank.prepare(RICH, HOME), "home", explain=False))
    assert first == again
    found = json.loads(first)
    assert list(found) == ["decisionId", "status", "at", "known", "definitions", "placements"]
    assert found["at"] == "2026-05-04T12:00:00Z"
    assert list(found["placements"]["home"]) == ["status", "default", "items"]
    assert list(found["placements"]["home"]["items"][0]) == [
        *("offer", "treatment", "rank", "propensity", "pscore", "score", "terms", "actions", "reasons", "content")
    ]
    assert b'"rate":3.40,"fee":411.52,"low":3.2,"gone":null' in first


def test_an_explanation_changes_nothing_but_the_funnel(bank: Bank) -> None:
    prepared = bank.prepare(RICH, HOME)
    short, long = (Customer(ROW).ask(prepared, "home", explain=explain) for explain in (False, True))
    assert short.placements["home"].items == long.placements["home"].items
    found = json.loads(encode(long))["placements"]["home"]["funnel"]
    assert found == [{"offer": "mortgage", "treatment": "tool", "stage": "chosen", "reason": "rank 1", "score": 36.0}]


def test_a_customer_of_whom_nothing_is_known_is_an_empty_timeline(bank: Bank) -> None:
    answer = replace(Customer(consents=granted()), now=UTC.parse("2026-01-01") + DAY).ask(
        bank.prepare(RICH, HOME), "home"
    )
    assert answer.status is Status.DENIED
