"""How long a decision among a thousand offers takes: printed, never asserted (``pytest -s``)."""

from __future__ import annotations

import time
from dataclasses import replace

from tests.decisions.bank import NOON, Bank, Customer, chosen

from onefold.core.instant import HOUR
from onefold.decisions.contact.moment import Contact, Outcome
from onefold.decisions.prepared import prepare
from onefold.language.values import Value

POLICIES = """
policies:
  contact:
    - {cap: 1, channel: email, within: 7d}
    - {cap: 30, per: customer, within: 1d, channels: [web, mobile]}
    - {cap: 2, per: offer, within: 1mo}
    - {pause: 30d, after: {rejections: 3, within: 30d}, per: offer}
    - {quiet: "21:00-08:00", channels: [sms, push]}
    - {suppress: "complaints > 3 AND spend < 0", except: [service]}
"""


def _offer(number: int) -> str:
    return f"""
  offer_{number}:
    product: product_{number % 40}
    purpose: marketing
    value: {1 + number % 700}
    propensity: "CASE WHEN mortgage_views_7d > {number % 5} THEN 0.04 ELSE 0.005 END"
    valid: {{from: 2026-01-01, to: 2026-12-31}}
    eligible: "age >= {18 + number % 30} AND NOT has_mortgage"
    applicable: "context.page LIKE '/home%'"
    suitable: "spend > {number % 90} OR region = 'north'"
    treatments:
      tool: {{kind: tool, channels: [web, mobile]}}
      guide: {{kind: article, channels: [email]}}
"""


def test_a_decision_among_a_thousand_offers(bank: Bank) -> None:
    text = "offers:" + "".join(map(_offer, range(50)))
    read = bank.read(text, "placements: {home: {channel: web, limit: 3}}", POLICIES)
    copies = [replace(offer, name=f"{name}_{copy}") for copy in range(20) for name, offer in read.offers.items()]
    catalogue = replace(read, offers={offer.name: offer for offer in copies})
    prepared = prepare(catalogue, bank.features, bank.segments)
    row: dict[str, Value] = {
        "age": 40.0, "has_mortgage": False, "spend": 5000.0, "region": "south", "complaints": 0.0,
        "mortgage_views_7d": 3.0, "context.page": "/home",
    }  # fmt: skip
    said = [
        Contact(Outcome.SHOWN, NOON - at * HOUR, f"offer_{at % 50}_{at % 20}", "tool", "home", "web")
        for at in range(200, 0, -1)
    ]
    customer = Customer(row, contacts=said)
    for what, one, explain in (
        ("a choice", customer, False),
        ("explained", customer, True),
        ("nothing for a child", replace(customer, row={**row, "age": 3.0}), False),
        ("complaining", replace(customer, row={**row, "complaints": 9.0, "spend": -1.0}), False),
    ):
        took = []
        for _ in range(20):
            begin = time.perf_counter()
            answer = one.ask(prepared, "home", explain=explain)
            took.append((time.perf_counter() - begin) * 1e3)
        took.sort()
        print(f"\n1,000 offers, {what}: median {took[10]:.2f} ms, slowest {took[-1]:.2f} ms")
    answer = customer.ask(prepared, "home", explain=False)
    assert len(chosen(answer, "home")) == 3
