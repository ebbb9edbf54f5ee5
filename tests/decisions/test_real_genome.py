"""A decision over a genome that the engine read off a real timeline: kinds, units and unknown names fit together."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from tests.decisions.bank import NOON, UTC, Bank, Customer, ends
from tests.decisions.test_exposures import FOREVER, Timeline

from onefold.core.event import IDENTIFY
from onefold.core.instant import DAY
from onefold.decisions.exposures import contacts_of
from onefold.decisions.prepared import prepare
from onefold.features.engine import Engine
from onefold.features.plan import build_plan
from onefold.features.row import Row

OFFERS = """
offers:
  mortgage:
    product: mortgage
    purpose: marketing
    value: "spend * 2"
    propensity: "CASE WHEN mortgage_views_7d > 2 THEN 0.5 ELSE 0.25 END"
    eligible: "age >= 18 AND NOT has_mortgage AND region = 'north' AND birth_date < CURRENT_DATE"
    applicable: "context.page LIKE '/home%'"
    terms: {fee: "income / 100"}
    treatments: {tool: {kind: tool, channels: [web]}}
  loan:
    product: loan
    purpose: marketing
    suitable: "context.weather = 'rain' OR in_segment('intent') OR age > 60"
    treatments: {tool: {kind: tool, channels: [web]}}
"""


def test_a_decision_over_a_real_genome(bank: Bank) -> None:
    catalogue = bank.read(OFFERS, "placements: {home: {channel: web}}", "policies: {contact: [{cap: 2, within: 1d}]}")
    timeline = Timeline(bank)
    timeline.say(IDENTIFY, 0, birth_date="2000-02-29", region="north", income=Decimal("2500.50"))
    timeline.say("card_purchase", NOON - DAY, amount=Decimal("12.34"))
    for at in range(3):
        timeline.say("page_viewed", NOON - at, path="/mortgage")
    timeline.say("offer_shown", NOON - DAY, offer="card", channel="web")
    rows = timeline.rows()
    engine = Engine(
        build_plan(bank.features, timeline.layout, above=catalogue.expressions), UTC, timeline.texts.items()
    )
    genomes = engine.read(rows, np.array([0, len(rows)], np.int64), now=NOON)
    row = Row(genomes, 0, {"context.page": "/home", "segment.intent": False})
    contacts = contacts_of(rows, timeline.layout, timeline.texts, now=NOON, known=FOREVER)
    prepared = prepare(catalogue, bank.features, bank.segments)
    answer = Customer(row, contacts=contacts).ask(prepared, "home")
    (item,) = answer.placements["home"].items
    assert (item.offer, item.propensity, item.score) == ("mortgage", 0.5, 0.5 * 24.68)
    assert item.terms == {"fee": 25.005}
    assert item.reasons == ("mortgage views 7d is 3", "has mortgage is false", "region is north", "page is /home")
    assert ends(answer, "home")["loan", "tool"] == (
        "suitable",
        "not suitable: context.weather is unknown (needed: the context weather is rain);"
        " segment.intent is false (needed: in the segment intent); age is 26 (needed: the age is more than 60)",
    )
    assert answer.at == "2026-05-04T12:00:00Z"
    once_more = Customer(row, contacts=[*contacts, *contacts]).ask(prepared, "home")
    assert ends(once_more, "home")["mortgage", "tool"][0] == "contact"
