"""A block of customers: everything that the bank's systems would say of them, and the truth behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onefold.simulator.arrays import Dice, Texts, texts
from onefold.simulator.contacts import consent_rows, contact_rows, draw_consents
from onefold.simulator.fit import Drawn, lively, usable
from onefold.simulator.life import Event, draw_life
from onefold.simulator.payments import payment_rows
from onefold.simulator.people import HOUSEHOLDS, REGIONS, People, draw_people, ids
from onefold.simulator.period import Period, as_dates
from onefold.simulator.personas import PERSONAS
from onefold.simulator.products import draw_holdings, product_rows
from onefold.simulator.relations import note_rows
from onefold.simulator.rows import Rows, cents, dates, joined, ordered, to_csv
from onefold.simulator.spending import purchase_rows
from onefold.simulator.web import NONE, TOPICS, draw_hunts, login_rows, page_rows

BLOCK = 500
"""Customers drawn together. Always so many, of which the first are taken: customer 7 is the same in every bank."""

FILES: Mapping[str, tuple[str, ...]] = {
    "customers": ("customer_id", "customer_since", "birth_date", "region", "household", "income", "email"),
    "transactions": ("customer_id", "transaction_id", "booked_at", "kind", "amount", "category", "country"),
    "products": ("customer_id", "product_id", "happened_on", "what", "product", "amount", "matures_on"),
    "web": ("customer_id", "view_id", "seen_at", "path", "seconds", "action"),
    "app": ("customer_id", "login_id", "logged_in_at", "device"),
    "crm": ("customer_id", "note_id", "noted_at", "kind", "topic", "region", "household", "score"),
    "consents": ("customer_id", "consent_id", "stated_at", "purpose", "channel", "status", "source"),
    "contacts": (
        "customer_id", "contact_id", "happened_at", "outcome", "offer", "treatment", "placement", "channel",
    ),
}  # fmt: skip
"""The raw files and their headers."""
TRUTH = ("customer_id", "persona", "activity", "life_event", "life_event_on", "after", "after_from")
"""The header of what no data says: ``after`` is what somebody is after on the website."""
_ID_BY = {
    "transactions": "t", "products": "product", "web": "v", "app": "l", "crm": "n", "consents": "s", "contacts": "o",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of CSV without headers by file, the truth likewise, and rows counted.

    ``usable`` are the ids of customers with whom a demonstration works, ``fit`` of those who have more to show.
    """

    lines: Mapping[str, str]
    truth: str
    rows: Mapping[str, int]
    usable: tuple[str, ...]
    fit: tuple[str, ...]


def simulate_block(dice: Dice, period: Period, *, first: int, size: int = BLOCK) -> Block:
    """Return the first ``size`` customers of a block whose first is number ``first``, counted from 1.

    ``dice`` must be this block's own; the same dice give the same customers, whatever ``size`` is.
    """
    assert 0 < size <= BLOCK
    people = draw_people(dice, BLOCK, period)
    life = draw_life(dice, people, period)
    holdings = draw_holdings(dice, people, period)
    hunts = draw_hunts(dice, people, life, holdings, period)
    consents = draw_consents(dice, people, period)
    paid = payment_rows(dice, people, life, holdings, period)
    drawn = {
        "transactions": joined([paid, purchase_rows(dice, people, life, period)]),
        "products": product_rows(dice, holdings, period),
        "web": page_rows(dice, people, life, hunts, period),
        "app": login_rows(dice, people, life, period),
        "crm": note_rows(dice, people, life, period),
        "consents": consent_rows(dice, people, consents, period),
        "contacts": contact_rows(dice, people, consents, period),
    }
    truth = Drawn(people, life, holdings, hunts, consents)
    can = usable(truth, drawn, period)
    rows = {name: ordered(some, size=size) for name, some in drawn.items()}
    names = ids(first, size)
    lines = {name: to_csv(_in_order(name, some), names, id_by=_ID_BY[name]) for name, some in rows.items()}
    return Block(
        {"customers": _customers(names, people), **lines},
        _truth(names, truth),
        {"customers": size, **{name: len(some.owner) for name, some in rows.items()}},
        tuple(names[can[:size]].tolist()),
        tuple(names[(can & lively(truth, drawn, period))[:size]].tolist()),
    )


def _in_order(name: str, rows: Rows) -> Rows:
    """Return the columns in the order of the file's header."""
    wanted = FILES[name][3:]
    return Rows(rows.owner, rows.when, {column: rows.columns[column] for column in wanted}, rows.timed)


def _customers(names: Texts, people: People) -> str:
    size = len(names)
    columns = (
        names.tolist(),
        as_dates(people.since[:size]),
        as_dates(people.birth[:size]),
        REGIONS[people.region[:size]].tolist(),
        HOUSEHOLDS[people.household[:size]].tolist(),
        [text if text != "0.00" else "" for text in cents(people.income[:size]).tolist()],
        [f"{name}@simulated.example" for name in names.tolist()],
    )
    return _lines(columns)


def _truth(names: Texts, drawn: Drawn) -> str:
    size, people, life, hunts = len(names), drawn.people, drawn.life, drawn.hunts
    columns = (
        names.tolist(),
        texts([one.name for one in PERSONAS])[people.persona[:size]].tolist(),
        [f"{one:.3f}" for one in people.activity[:size].tolist()],
        texts([one.name.lower() for one in Event])[life.event[:size]].tolist(),
        dates(life.day[:size], known=life.event[:size] != Event.NONE).tolist(),
        texts(TOPICS)[hunts.topic[:size]].tolist(),
        dates(hunts.day[:size], known=hunts.topic[:size] != NONE).tolist(),
    )
    return _lines(columns)


def _lines(columns: tuple[list[str], ...]) -> str:
    return "".join([",".join(cells) + "\n" for cells in zip(*columns, strict=True)])
