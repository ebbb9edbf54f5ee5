"""Dice for schemas, values and conditions over them, each condition as SQL and as Python."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from tests.oracles.definitions import SchemaText, Types
from tests.oracles.genome import Value
from tests.oracles.wheres import (
    COMPARISONS,
    Operand,
    Where,
    all_of,
    any_of,
    arithmetic,
    between,
    compare,
    constant,
    is_null,
    is_true,
    like,
    name,
    negation,
    one_of,
    written_not,
)

from onefold.core.instant import DAY, HOUR, SECOND

EVENTS = ("purchase", "viewed", "opened")
LIST = "purchase.lines"
PROPERTIES: dict[str, tuple[str, int]] = {
    "amount": ("money", 2),
    "fee": ("money", 2),
    "rate": ("number", 3),
    "points": ("number", 0),
    "category": ("category", 0),
    "path": ("category", 0),
    "coupon": ("boolean", 0),
    "due": ("date", 0),
    "ends": ("instant", 0),
    "took": ("duration", 0),
    "spot": ("place", 0),
}
ITEMS: dict[str, tuple[str, int]] = {"price": ("money", 2), "pieces": ("number", 0), "sku": ("category", 0)}
TRAITS: dict[str, tuple[str, int]] = {
    "region": ("category", 0),
    "income": ("money", 2),
    "score": ("number", 2),
    "vip": ("boolean", 0),
    "valid_until": ("date", 0),
    "renews": ("instant", 0),
    "tenure": ("duration", 0),
    "home": ("place", 0),
}
TEXTS = ("travel", "Travel", "travel/hotel", "food", "a_b", "50%", "o'clock", "čaj", "\U0001f600", "z\nz")
PATTERNS = ("travel%", "%a%", "_ravel", "%/%", "a_b", "50%", "%", "_", "T%l", "o'%", "(.*)", "z_z")
AMOUNTS = (0, 1, -1, 1250, 1000, 1500, 1501, 999, 1250, -300)
WORDS = (0, 1, -1, 5, 1000, 1200, 1201, 800, 2500)
LENGTHS = (0, 1, SECOND, 90 * SECOND, HOUR, -DAY, 3 * DAY)
SPOTS = (
    (500870000, 144208000), (500880000, 144208000), (500870000, 144400000), (491951000, 166068000), (0, 0),
    (-338688000, 1512093000), (700000000, 1799999999), (700000000, -1799999999), (899990000, 100000000),
)  # fmt: skip
KINDS = ("money", "number", "category", "boolean", "date")
"""Types that conditions compare; of the others they ask only whether there is a value."""


def schema_by(rng: Random) -> SchemaText:
    """Throw 2 or 3 event types with 1 to 6 properties each, often a list, and 1 to 3 traits."""
    schema: dict[str, Types] = {}
    for event in EVENTS[: rng.randint(2, 3)]:
        names = rng.sample(sorted(PROPERTIES), rng.randint(1, 6))
        schema[event] = {name: PROPERTIES[name] for name in sorted(names)}
    if rng.random() < 0.4:
        add_list(schema, rng)
    for trait in rng.sample(sorted(TRAITS), rng.randint(1, 3)):
        schema[f"traits.{trait}"] = {"value": TRAITS[trait]}
    return schema


def add_list(schema: dict[str, Types], rng: Random) -> None:
    """Give the first event a list, whose lines share the event's properties."""
    names = rng.sample(sorted(ITEMS), rng.randint(1, 3))
    schema[LIST] = {**schema["purchase"], **{name: ITEMS[name] for name in sorted(names)}}


def value_by(rng: Random, type_: str, scale: int, today: int) -> Value:
    """Throw a value of a type, of few enough that they meet; dates lie about today."""
    match type_:
        case "money":
            return rng.choice(AMOUNTS) if rng.random() < 0.8 else rng.randint(-(10**9), 10**9)
        case "number":
            return Fraction(rng.choice(WORDS) if rng.random() < 0.8 else rng.randint(-(10**9), 10**9), 10**scale)
        case "category":
            return rng.choice(TEXTS[: rng.choice([3, len(TEXTS)])])
        case "boolean":
            return rng.random() < 0.5
        case "date":
            return today + rng.choice([-400, -31, -1, 0, 1, 2, 31, 400])
        case "instant":
            return (today + rng.choice([-31, -1, 0, 1, 31])) * DAY + rng.choice([0, 1, HOUR, 12 * HOUR, DAY - 1])
        case "duration":
            return rng.choice(LENGTHS) if rng.random() < 0.8 else rng.randint(-(10**12), 10**12)
        case "place":
            return rng.choice(SPOTS)
    raise ValueError(type_)


def where_by(rng: Random, types: Types, today: int, depth: int = 2) -> Where:
    """Throw a condition over the properties of one source; ``types`` must hold one that is no place."""
    shape = rng.random()
    if depth == 0 or shape < 0.6:
        return _leaf(rng, types, rng.choice(conditional(types)), today)
    if shape < 0.7:
        return negation(where_by(rng, types, today, depth - 1))
    some = [where_by(rng, types, today, depth - 1) for _ in range(rng.randint(2, 3))]
    return all_of(*some) if shape < 0.85 else any_of(*some)


def conditional(types: Types) -> list[str]:
    """Return the properties that conditions may name: all but places."""
    return [property_ for property_, (type_, _) in types.items() if type_ != "place"]


def comparison_by(rng: Random, types: Types, property_: str, today: int) -> Where:
    """Throw a comparison of one property with a constant: unknown where it is absent."""
    type_, scale = types[property_]
    ops = ["=", "<>"] if type_ == "boolean" else sorted(COMPARISONS)
    return compare(name(property_), rng.choice(ops), constant_by(rng, type_, scale, today))


def constant_by(rng: Random, type_: str, scale: int, today: int) -> Operand:
    """Throw a literal."""
    return constant(value_by(rng, type_, scale, today), type_)


def _leaf(rng: Random, types: Types, property_: str, today: int) -> Where:
    """Throw a condition on one property without AND, OR or NOT in front."""
    type_, _ = types[property_]
    operand = name(property_)
    forms = ["null"]
    if type_ in KINDS:
        forms += ["compared", "compared"]
    if type_ in ("category", "money", "number", "date"):
        forms += ["listed", "ranged"]
    forms += {"category": ["like"], "boolean": ["true"], "money": ["computed"], "number": ["computed"]}.get(type_, [])
    match rng.choice(forms):
        case "compared":
            return comparison_by(rng, types, property_, today)
        case "listed":
            return _listed(rng, types, property_, today)
        case "ranged":
            low, high = (constant_by(rng, *types[property_], today) for _ in "ab")
            return _maybe_not(rng, between(operand, low, high), " BETWEEN ", " NOT BETWEEN ")
        case "like":
            return _maybe_not(rng, like(operand, rng.choice(PATTERNS)), " LIKE ", " NOT LIKE ")
        case "true":
            return is_true(operand)
        case "computed":
            return _computed(rng, types, property_)
    return _maybe_not(rng, is_null(operand), " IS NULL", " IS NOT NULL")


def _maybe_not(rng: Random, where: Where, word: str, instead: str) -> Where:
    return written_not(where, word, instead) if rng.random() < 0.5 else where


def _listed(rng: Random, types: Types, property_: str, today: int) -> Where:
    type_, scale = types[property_]
    items = [constant_by(rng, type_, scale, today) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.15:
        items.append(constant(None, type_))
    return _maybe_not(rng, one_of(name(property_), items), " IN ", " NOT IN ")


def _computed(rng: Random, types: Types, property_: str) -> Where:
    """Throw arithmetic between two properties of one type (or one and a number), against a constant."""
    type_, scale = types[property_]
    other = rng.choice(sorted(known for known, (kind, _) in types.items() if kind == type_))
    op = rng.choice(["+", "-", "*", "/"])
    right = constant(Fraction(2), "number") if op == "*" else name(other)
    result = "number" if op == "/" else type_
    literal = constant_by(rng, result, 1 if op == "/" else scale, 0)
    return compare(arithmetic(op, name(property_), right), rng.choice(["<", "<=", ">", ">="]), literal)
