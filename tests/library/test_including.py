"""The key ``include:``: its forms, what it adds, what is missing and why, and what is refused with file and line."""

from __future__ import annotations

import json

import pytest
from tests.acceptance.shop import ONEFOLD
from tests.library.compiled import by_family
from tests.library.conftest import VOCABULARY

from onefold.core.errors import UserError
from onefold.features.definitions import Derived
from onefold.workspace.definitions import Definitions, read_definitions
from onefold.workspace.library import with_library

FAMILIES = by_family()
TINY = """
events:
  card_purchase:
    amount:   {type: money}
    category: {type: category}
  login: {}
traits:
  birth_date: {type: date}
"""


def read(features: str, events: str = VOCABULARY, **more: str) -> Definitions:
    files = {"onefold.yaml": ONEFOLD, "events.yaml": events, "features/a.yaml": features}
    files |= {f"features/{name}.yaml": text for name, text in more.items()}
    return read_definitions(with_library(files))


def names(found: Definitions) -> set[str]:
    return set(found.features.features)


def refused(features: str, events: str = VOCABULARY, **more: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        read(features, events, **more)
    return [str(one) for one in caught.value.problems]


@pytest.mark.parametrize(
    "text", ["include: standard", "include: [standard]", "include: {standard: }", "{include: {standard: {}}}"]
)
def test_everything_of_a_bank_that_speaks_the_vocabulary(text: str) -> None:
    found = read(text)
    assert names(found) == {name for some in FAMILIES.values() for name in some}
    assert not found.missing


def test_only_some_families() -> None:
    found = read("include: {standard: {families: [financial, digital]}}")
    assert names(found) == {*FAMILIES["financial"], *FAMILIES["digital"]}
    again = read("include: {standard: {families: digital}}", b="include: {standard: {families: [financial]}}")
    assert names(again) == names(found)


def test_what_is_missing_is_named_with_its_inputs() -> None:
    found = read("include: standard", TINY)
    assert {"spend_30d", "age", "logins_30d", "satisfaction_stated"} <= names(found)
    missing = found.missing
    assert list(missing) == ["behaviour", "characteristics", "digital", "emotions", "financial"]
    assert missing["behaviour"]["merchants_90d"] == ("card_purchase.merchant",)
    assert missing["financial"]["balance"] == ("balance_stated",)
    assert missing["financial"]["debt_to_income"] == ("payment_made", "payment_received")  # through what it is made of
    assert missing["characteristics"]["life_stage_inferred"] == ("traits.children", "traits.marital_status")
    assert missing["emotions"]["values_stated"] == ("survey_answered.answer",)  # the event itself is reserved
    every = {name for some in FAMILIES.values() for name in some}
    assert {name for some in missing.values() for name in some} == every - names(found)


def test_a_type_that_does_not_fit_is_missing_too() -> None:
    events = TINY.replace("amount:   {type: money}", "amount:   {type: number}").replace(
        "category: {type: category}", "category: {type: category, sensitivity: identifier}"
    )
    found = read("include: standard", events)
    assert found.missing["financial"]["spend_30d"] == ("card_purchase.amount as money",)
    assert found.missing["behaviour"]["categories_90d"] == ("card_purchase.category as category",)
    assert "purchases_30d" in names(found)
    no_date = read("include: standard", TINY.replace("birth_date: {type: date}", "birth_date: {type: category}"))
    assert no_date.missing["characteristics"]["age"] == ("traits.birth_date as date",)


def test_own_features_win_and_may_build_on_the_librarys() -> None:
    found = read(
        """
        include: standard
        features:
          spend_30d: {sum: card_purchase.amount, within: 7d}
          dear:      {expr: spend_30d > mean_purchase_90d}
        """,
        TINY,
    )
    assert found.features.features["spend_30d"].title is None
    assert isinstance(found.features.features["dear"].body, Derived)
    assert "spend_trend" in names(found)
    assert "spend_30d" not in found.missing["financial"]


def test_an_own_feature_of_another_type_costs_what_builds_on_it() -> None:
    found = read("include: standard\nfeatures:\n  spend_30d: {top: card_purchase.category}\n", TINY)
    assert found.missing["financial"]["spend_trend"] == ("spend_30d as the library defines it",)


def test_a_trait_in_the_way() -> None:
    events = TINY + "  logins_90d: {type: number}\n  balance: {type: money}\n"
    found = read("include: standard", events)
    assert found.missing["digital"]["logins_90d"] == ("another name for traits.logins_90d",)
    assert found.missing["digital"]["login_trend"] == ("another name for traits.logins_90d",)
    assert found.missing["financial"]["balance"] == ("another name for traits.balance", "balance_stated")


OTHER_WORDS = """
events:
  purchase:
    sum:  {type: money}
    kind: {type: category}
    city: {type: category}
  logged_in:
    gadget: {type: category}
traits:
  birth_date: {type: date}
  wage:       {type: money}
"""
RENAMED = """
include:
  standard:
    rename:
      "card_purchase.amount": purchase.sum
      card_purchase: purchase
      card_purchase.category: purchase.kind
      login: logged_in
      login.device: logged_in.gadget
      traits.income: traits.wage
"""


def test_names_of_the_workspace() -> None:
    """The renamed definitions are those that somebody would write who knows the workspace's names."""
    found = read(RENAMED, OTHER_WORDS)
    by_hand = """
      spend_30d:             {sum: purchase.sum, within: 30d}
      travel_share_90d:      {share: purchase, where: "kind = 'travel'", within: 90d}
      categories_90d:        {distinct: purchase.kind, within: 90d}
      cities_7d:             {distinct: purchase.city, within: 7d}
      evening_purchases_90d: {hours: [18, 23], event: purchase, within: 90d}
      mobile_share_90d:      {share: logged_in, where: "gadget IN ('phone', 'tablet')", within: 90d}
      income:                {last: traits.wage}
      spend_trend:           {expr: "spend_30d / NULLIF(spend_90d / 3, 0)"}
      spend_90d:             {sum: purchase.sum, within: 90d}
    """
    expected = read("features:\n" + by_hand, OTHER_WORDS).features.features
    assert {name: found.features.features[name].body for name in expected} == {
        name: one.body for name, one in expected.items()
    }
    assert found.missing["behaviour"]["merchants_90d"] == ("purchase.merchant",)
    assert found.missing["financial"]["balance"] == ("balance_stated",)


def test_steps_of_a_sequence_are_renamed_too() -> None:
    events = "events:\n  reckoned: {}\n  taken: {product: category}\n"
    text = "include: {standard: {rename: {calculator_used: reckoned, product_opened: taken}}}\nfeatures:\n"
    by_hand = "  mine: {sequence: [reckoned, reckoned], within: 7d, without: taken, after: 48h}\n"
    found = read(text + by_hand, events).features.features
    assert found["calculated_not_opened"].body == found["mine"].body


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("include: standrad", ["features/a.yaml:1:10: ", "`standrad` is no library", "Did you mean `standard`?"]),
        ("include: mine", ["features/a.yaml:1:10: ", "There is one library: write `include: standard`."]),
        ("include: {mine: {}}", ["features/a.yaml:1:11: ", "`mine` is no library"]),
        ("include:", ["features/a.yaml:1:1: ", "it names no library"]),
        ("include: []", ["features/a.yaml:1:10: ", "it names no library"]),
        ("include:\n  standard: {family: digital}", ["features/a.yaml:2:14: `family`", "families, rename"]),
        ("include:\n  standard: {families: []}", ["features/a.yaml:2:24: `families`", "it names none"]),
        ("include:\n  standard: {families: [finance]}", ["a.yaml:2:25: ", "`finance` is no family", "`financial`"]),
        ("include:\n  standard: {rename: {logon: login}}", ["a.yaml:2:23: `logon`", "Did you mean `login`?"]),
        ("include:\n  standard: {rename: {login.divice: login.device}}", ["a.yaml:2:23: ", "`login.device`?"]),
        ("include:\n  standard: {rename: {xyz: login}}", ["a.yaml:2:23: ", "docs/library.md"]),
        ("include:\n  standard: {rename: {login: logn}}", ["a.yaml:2:30: `login`", "`logn` is not declared"]),
        ("include:\n  standard: {rename: {login: }}", ["a.yaml:2:23: `login`", "it says no name"]),
        ("include:\n  standard: {rename: {login: login.device}}", ["a.yaml:2:30: ", "takes an event"]),
        ("include:\n  standard: {rename: {login.device: login}}", ["a.yaml:2:37: ", "takes a property"]),
        ("include:\n  standard: {rename: {login: traits.region}}", ["a.yaml:2:30: ", "`traits.region` is a trait"]),
        ("include:\n  standard: {rename: {traits.region: login.device}}", ["a.yaml:2:38: ", "is no trait"]),
        (
            "include:\n  standard: {rename: {login.device: trade.amount}}",
            ["a.yaml:2:37: ", "cannot read `amount`: its type is money", "category"],
        ),
        (
            "include:\n  standard: {rename: {login.device: trade.side}}",
            ["a.yaml:2:37: ", "a property of `trade`, not of `login`", "say `login: trade` too"],
        ),
        (
            "include:\n  standard: {rename: {traits.birth_date: traits.birth_date}}",
            ["a.yaml:2:23: ", "`age` is built in", "Call your trait `birth_date`."],
        ),
    ],
)
def test_what_is_refused(text: str, says: list[str]) -> None:
    (problem,) = refused(text)
    assert all(part in problem for part in says), problem


def test_two_files_that_say_different_names() -> None:
    one, other = (f"include: {{standard: {{rename: {{login: {name}}}}}}}" for name in ("trade", "login"))
    (problem,) = refused(one, b=other)
    assert problem.startswith("features/b.yaml:1:38: `login`: another file says that it is `trade`")
    assert not read(one, b=one).features.schema.calendar.periods


def test_all_problems_at_once() -> None:
    found = refused("include: standrad\nfeatures:\n  x: {coutn: login}\n", b="include: {standard: {families: [a, b]}}")
    assert len(found) == 4


def test_a_set_without_the_text_that_it_includes_is_refused() -> None:
    files = {"onefold.yaml": ONEFOLD, "events.yaml": VOCABULARY, "features/a.yaml": "include: standard"}
    with pytest.raises(UserError, match="this set was published without its text"):
        read_definitions(files)


def test_files_that_include_nothing_stay_as_they_are() -> None:
    files = {
        "onefold.yaml": ONEFOLD,
        "features/a.yaml": "features: {}  # to include: see docs",
        "features/b.yaml": "include: [",
        "segments/a.yaml": "include: standard",
    }
    assert with_library(files) == files
    added = with_library({**files, "features/c.yaml": "include: standard"})
    assert added.keys() - files.keys() == {"features/c.yaml", "library/standard.json"}
    assert json.loads(added["library/standard.json"])["vocabulary"]["events"]
    assert not read("include: standard").unread
