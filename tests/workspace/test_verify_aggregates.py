"""``verify`` over every kind of feature: reductions, places, ranks, models; and it finds faults planted in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.acceptance.shop import ONEFOLD, Shop, identify, page, track
from tests.features.planting import ENGINE, Fault, plant

from onefold.features.models.linear import Linear
from onefold.features.models.trees import Trees
from onefold.workspace.access import Access
from onefold.workspace.bank import Bank
from onefold.workspace.evidence import Verification
from onefold.workspace.population import Population
from onefold.workspace.verifying import verify_workspace

EVENTS = """
events:
  paid:        {amount: {type: money}, kind: {type: category}, took: {type: duration}, spot: {type: place}}
  page_viewed: {path: {type: category}}
traits:
  score: {type: number, scale: 1}
"""
FEATURES = """
features:
  deviation:  {stddev: paid.amount, within: 90d}
  slope:      {trend: paid.amount}
  slope_took: {trend: paid.took}
  favourite:  {top: paid.kind, within: 2mo}
  at_night:   {hours: [22, 6], event: paid}
  night_food: {share: paid, hours: [22, 6], where: "kind = 'food'", within: 60d}
  rent:       {recurring: paid.amount, every: month, where: "kind = 'rent'"}
  looked:
    sequence: [page_viewed, {event: page_viewed, where: "path = '/b'"}]
    without: {event: paid, where: "kind = 'rent'"}
    after: 1h
    within: 30d
  visits:     {session: page_viewed, within: 30d}
  length:     {session: page_viewed, stat: seconds, gap: 2h}
  entry:      {session: page_viewed.path, stat: entry}
  at_branch:  {near: {event: paid, places: branch, radius: 2km}}
  far:        {near: {event: paid.spot, point: [50.087, 14.4208], stat: distance}}
  spend:      {sum: paid.amount}
  spend_rank: {percentile_of: spend}
  slope_z:    {zscore_of: deviation}
  half:       {expr: spend / 2}
  half_rank:  {percentile_of: half}
  rich:       {expr: spend_rank > 0.5}
  likely:     {model: likely}
  grown:      {model: grown}
"""
PLACES = """
places:
  centre: {at: [50.087, 14.4208], kind: branch}
  south:  {at: [50.05, 14.44], kind: branch}
"""
LIKELY = """
model: likely
form: logistic
inputs: [spend, visits, score]
intercept: -1.5
weights: [0.001, 0.25, -0.5]
missing: [null, null, 2.0]
"""
GROWN = """
model: grown
form: trees
inputs: [spend, score]
base: 0.5
link: identity
trees:
  - {feature: [0, null, 1, null, null], threshold: [100, null, 3, null, null], left: [1, -1, 3, -1, -1],
     right: [2, -1, 4, -1, -1], value: [null, 1.0, null, 2.0, 4.0], missing_left: [1, 0, 1, 0, 0]}
"""
SEGMENTS = """
segments:
  big:   {when: spend_rank >= 0.5}
  calm:  {when: NOT looked AND visits < 3, hold: 2h}
"""
FILES = {
    "events.yaml": EVENTS,
    "features/all.yaml": FEATURES,
    "places.yaml": PLACES,
    "models/likely.yaml": LIKELY,
    "models/grown.yaml": GROWN,
    "segments/all.yaml": SEGMENTS,
    "onefold.yaml": ONEFOLD.replace("UTC", "Europe/Prague") + "retention: {page_viewed: 60d}\n",
}
USERS = tuple(f"u{number}" for number in range(8))


def traffic(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Yield payments of rent each month, and page views and purchases about them."""
    for user in USERS:
        for month in range(1, 7):
            amount = 500 + dice.choice([0, 0, 20, 200])
            at = f"2026-{month:02}-{dice.randint(1, 6):02}T08:00:00Z"
            yield track("paid", at, user, id=f"{user}-{month}", amount=amount, kind="rent")
        yield identify("2026-02-01T10:00:00Z", user, score=dice.choice([None, 1.5, 2, 4]), id=f"{user}-s")
    for number in range(200):
        day, clock = (dice.randint(4, 6), dice.randint(1, 28)), (dice.randint(0, 23), dice.randint(0, 59))
        at = "2026-{:02}-{:02}T{:02}:{:02}:00Z".format(*day, *clock)
        user = dice.choice(USERS)
        spot = {"lat": 50.05 + dice.randint(0, 50) / 1000, "lng": 14.42 + dice.randint(0, 50) / 1000}
        kind, took = dice.choice(["food", "travel"]), f"PT{dice.randint(1, 900)}S"
        price = dice.randint(1, 90_000) / 100
        yield dice.choice(
            [
                track("paid", at, user, id=f"p{number}", amount=price, kind=kind, took=took, spot=spot),
                page(dice.choice("/a /b /c".split()), at, user, id=f"v{number}"),
            ]
        )


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("bank") / "shop", FILES)
    shop.clock.set("2026-06-20T09:00:00Z")
    shop.send(*traffic(random.Random(3)))
    shop.bank.close()
    return shop


def verified(bank: Shop, **more: Any) -> Verification:
    access = Access(bank.folder, bank.clock)
    try:
        return verify_workspace(access, **{"sample": None, **more})
    finally:
        access.close()


@pytest.mark.parametrize("seed", range(2))
def test_what_is_served_rightly_has_no_mismatch(bank: Shop, seed: int) -> None:
    found = verified(bank, seed=seed)
    assert (found.by_name, found.examples) == ({}, ())
    assert found.customers == len(USERS)


def test_every_aggregate_says_something(bank: Shop) -> None:
    with Bank(bank.folder, clock=bank.clock) as served:
        genomes = [served.genome(f"user:{user}").features for user in USERS]
    assert {name for one in genomes for name, value in one.items() if value not in (None, 0, False)} == set(genomes[0])


def a_population_without_the_poorest(patch: pytest.MonkeyPatch) -> None:
    values = Population.values
    patch.setattr(Population, "values", lambda *asked: values(*asked)[1:])


def a_weight_that_is_wrong(patch: pytest.MonkeyPatch) -> None:
    scores = Linear.scores
    patch.setattr(Linear, "scores", lambda form, inputs: scores(replace(form, intercept=form.intercept + 1e-6), inputs))


def a_tree_too_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Trees, "scores", lambda form, inputs: np.full(len(inputs[0]), form.base))


def rent_that_is_never_late(patch: pytest.MonkeyPatch) -> None:
    margin = "now <= due[newest] + _MARGIN:"
    plant(Fault("never late", f"{ENGINE}aggregates.recurring", margin, "now <= due[newest] + 1000 * _MARGIN:"), patch)


def a_session_that_never_ends(patch: pytest.MonkeyPatch) -> None:
    plant(Fault("endless", f"{ENGINE}aggregates.session", "> gap:", "> 1000 * gap:"), patch)


@pytest.mark.parametrize(
    ("fault", "where"),
    [
        (a_population_without_the_poorest, {"spend_rank", "slope_z"}),
        (a_weight_that_is_wrong, {"likely"}),
        (a_tree_too_few, {"grown"}),
        (rent_that_is_never_late, {"rent"}),
        (a_session_that_never_ends, {"visits", "entry"}),
    ],
)
def test_a_planted_fault_is_found(
    bank: Shop, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None], where: set[str]
) -> None:
    fault(monkeypatch)
    found = verified(bank)
    assert where <= set(found.by_name)
