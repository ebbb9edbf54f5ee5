"""Their user properties as our features; where theirs is an object, ours are its leaves, put together here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.dittofeed.declaring import LINES, Types, stated
from tests.dittofeed.naming import ITEM, WHOLE, flat, is_name, property_name
from tests.dittofeed.segments import NotOurs, filtered
from tests.dittofeed.sheet import Sheet
from tests.dittofeed.tables import Json

Values = Mapping[str, Any]
Reading = Callable[[Values, str], Any]
"""From the features of a genome and its customer's name to the value of a property; None where there is none."""


def reading(definition: Json, sheet: Sheet) -> Reading | None:
    """Return how a property is read; its features go to the sheet. None for one that is switched off."""
    if definition.get("skipReCompute"):
        return None
    match definition["type"]:
        case "Id" | "AnonymousId":
            return lambda _, customer: customer.partition(":")[2]
        case "Trait":
            return _trait(definition["path"], sheet) if sheet.keeps(definition["path"]) else None
        case "Group":
            return _value(sheet.feature(expr=_any_of(definition, sheet)))
        case "Performed":
            return _performed(definition, sheet)
        case "PerformedMany":
            return _many([event for one in definition["or"] for event in sheet.declared.like(one["event"])], sheet)
        case "File":
            return _file(definition["name"], sheet)
    raise NotOurs(f"{definition['type']} properties")


def summary(value: Any) -> Any:
    """Return an expected value in the form that readings give: objects flat, of a list its length and both ends.

    >>> summary({"a": {"b": 1}, "c": ["x", "y"]}), summary("x")
    ({'a_b': 1, 'c': (2, 'x', 'y')}, 'x')
    """
    if isinstance(value, Mapping):
        lists = ((name, inner, isinstance(inner, list)) for name, inner in flat(value).items())
        return {n: (len(inner), inner[0][ITEM], inner[-1][ITEM]) if many else inner for n, inner, many in lists}
    if isinstance(value, list):
        return [{"event": one["event"], "properties": summary(one["properties"])} for one in value]
    return value


def _value(feature: str) -> Reading:
    return lambda features, _: features[feature]


def _trait(path: str, sheet: Sheet) -> Reading:
    if not is_name(path):
        return _value(sheet.feature(last=f"traits.{path}"))
    name, declared = property_name(path), sheet.declared
    if name in declared.traits:
        return _value(sheet.feature(last=f"traits.{name}"))
    leaves: dict[str, Reading] = {}
    for trait in (*declared.traits, *sorted(declared.listed)):
        if trait.startswith(f"{name}_"):
            listed = trait in declared.listed
            source = f"{stated(trait)}.{LINES}" if listed else f"traits.{trait}"
            leaves[trait.removeprefix(f"{name}_")] = (
                _list(source, sheet) if listed else _value(sheet.feature(last=source))
            )
    return _object(leaves)


def _performed(definition: Json, sheet: Sheet) -> Reading:
    path, events = definition["path"], sheet.declared.like(definition["event"])
    if len(events) == 1 and (path == WHOLE or property_name(path) not in sheet.declared.events[events[0]]):
        return _object(_leaves(events[0], "" if path == WHOLE else f"{property_name(path)}_", sheet))
    return _value(sheet.feature(expr=_newest(definition, sheet)))


def _newest(definition: Json, sheet: Sheet) -> str:
    """Return an expression for the property's value in the newest event of all that the pattern means."""
    name, conditions = property_name(definition["path"]), definition.get("properties", ())
    events = sheet.declared.like(definition["event"])
    having = {event: filtered(event, conditions, sheet) for event in events}
    values = [sheet.feature(last=f"{event}.{name}", **having[event]) for event in events]
    if len(events) == 1:
        return values[0]
    ages = [sheet.feature(since_last=f"{event}.{name}", **having[event]) for event in events]
    branches = (f"WHEN {age} = LEAST({', '.join(ages)}) THEN {value}" for age, value in zip(ages, values, strict=True))
    return f"CASE {' '.join(branches)} END"


def _any_of(definition: Json, sheet: Sheet) -> str:
    nodes = {node["id"]: node for node in definition["nodes"]}
    entry = nodes[definition["entry"]]
    assert entry["type"] == "AnyOf"
    terms = []
    for child in (nodes[name] for name in entry["children"]):
        is_trait = child["type"] == "Trait"
        terms.append(property_name(child["path"]) if is_trait else f"({_newest(child, sheet)})")
    return f"COALESCE({', '.join(terms)})"


def _leaves(event: str, prefix: str, sheet: Sheet) -> dict[str, Reading]:
    types: Types = sheet.declared.events[event]
    return {
        name.removeprefix(prefix): _list(f"{event}.{name}", sheet)
        if kind == "list"
        else _value(sheet.feature(last=f"{event}.{name}"))
        for name, kind in types.items()
        if name.startswith(prefix)
    }


def _list(source: str, sheet: Sheet) -> Reading:
    """A list is read by its length and both its ends."""
    names = [sheet.feature(**{how: f"{source}.{ITEM}"}) for how in ("count", "first", "last")]
    return lambda features, _: tuple(features[name] for name in names)


def _object(leaves: Mapping[str, Reading]) -> Reading:
    return lambda features, customer: {name: leaf(features, customer) for name, leaf in leaves.items()}


def _many(events: Sequence[str], sheet: Sheet) -> Reading:
    """The newest event of each kind with its properties, the newest of all first; each was sent once."""
    ages = {event: sheet.feature(since_last=event) for event in events}
    inner = {event: _object(_leaves(event, "", sheet)) for event in events}

    def read(features: Values, customer: str) -> Any:
        seen = sorted((features[age], event) for event, age in ages.items() if features[age] is not None)
        return [{"event": event, "properties": inner[event](features, customer)} for _, event in seen]

    return read


def _file(name: str, sheet: Sheet) -> Reading:
    """A file is what some event attached under its name."""
    prefix = property_name(f'$["DFAttachedFiles_{name}_"]')
    (event,) = (event for event, types in sheet.declared.events.items() if any(one.startswith(prefix) for one in types))
    attached = _object(_leaves(event, prefix, sheet))
    return lambda features, customer: {"name": name, **attached(features, customer)}
