"""Their segments as ours: a tree of nodes becomes a predicate over features, written down as a bank would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.dittofeed.declaring import LINES, reached, stated
from tests.dittofeed.naming import ITEM, property_name
from tests.dittofeed.sheet import Sheet
from tests.dittofeed.tables import Json

from onefold.sources.names import event_name

MANUAL = "DFManualSegmentUpdate"
SUBSCRIPTION = "DFSubscriptionChange"
PREFERENCE = "preference_set"


class NotOurs(Exception):  # noqa: N818 - it is a finding, no fault
    """There is nothing of this kind in Onefold."""


def predicate(definition: Json, sheet: Sheet) -> str:
    """Return the ``when`` of a segment; the features that it needs go to the sheet."""
    nodes = {node["id"]: node for node in (definition["entryNode"], *definition["nodes"])}
    return _node(definition["entryNode"], nodes, sheet)


def subscription(group: Json, sheet: Sheet) -> str:
    """Return the ``when`` of a subscription group: whoever said nothing is in where one has to opt out."""
    said = sheet.feature(last=f"{event_name(SUBSCRIPTION)}.action")
    return f"COALESCE({said}, 'Subscribe') = 'Subscribe'" if group["type"] == "OptOut" else f"{said} = 'Subscribe'"


def condition(operator: Json, name: str, kind: str | None) -> str:
    """Return a condition on a property or trait of ours; to them an empty text is as good as none."""
    is_text = kind in (None, "category")
    match operator["type"]:
        case "Equals":
            return f"{name} = {_literal(operator['value'], is_text=is_text)}"
        case "NotEquals":
            return f"({name} IS NULL OR {name} <> {_literal(operator['value'], is_text=is_text)})"
        case "Exists":
            return f"({name} IS NOT NULL AND {name} <> '')" if is_text else f"{name} IS NOT NULL"
        case "NotExists":
            return f"({name} IS NULL OR {name} = '')" if is_text else f"{name} IS NULL"
        case "GreaterThanOrEqual":
            return f"{name} >= {operator['value']}"
        case "LessThan":
            return f"{name} < {operator['value']}"
        case "AbsoluteTimestamp":
            assert operator["direction"] == "after"
            return f"{name} > TIMESTAMP '{operator['absoluteTimestamp']}'"
    raise NotOurs(operator["type"])


def counted(node: Json, sheet: Sheet, *more: Json) -> str:
    """Return how often the events of a node were performed: the sum over all that its pattern means."""
    window = {"within": f"{node['withinSeconds']}s"} if "withinSeconds" in node else {}
    conditions = [*node.get("properties", ()), *more]
    return " + ".join(
        sheet.feature(count=event, **filtered(event, conditions, sheet), **window)
        for event in sheet.declared.like(node["event"])
    )


def filtered(event: str, conditions: Iterable[Json], sheet: Sheet) -> dict[str, str]:
    """Return the ``where`` of conditions on the properties of an event; none where there are none.

    A path that means nothing makes a feature that ``check`` refuses; the sheet may be told to leave it out.
    """
    parts = [
        condition(
            one["operator"], property_name(one["path"]), sheet.declared.events[event].get(property_name(one["path"]))
        )
        for one in conditions
        if sheet.keeps(one["path"])
    ]
    return {"where": " AND ".join(parts)} if parts else {}


def _node(node: Json, nodes: Mapping[str, Json], sheet: Sheet) -> str:
    match node["type"]:
        case "And" | "Or" as kind:
            parts = [_node(nodes[child], nodes, sheet) for child in node["children"]]
            return f"({f' {kind.upper()} '.join(parts)})"
        case "Everyone":  # a condition that names nothing is refused, so that none means everybody by accident
            return f"{sheet.feature(count=PREFERENCE)} >= 0"
        case "Performed":
            return f"{counted(node, sheet)} {node.get('timesOperator', '>=')} {node.get('times', 1)}"
        case "Email":
            template = {"path": "templateId", "operator": {"type": "Equals", "value": node["templateId"]}}
            return f"{counted(node, sheet, template)} >= {node['times']}"
        case "Manual":
            last = sheet.feature(last=f"{event_name(MANUAL)}.inSegment", where=f"version = {node['version']}")
            return f"{last} = 1"
        case "LastPerformed":
            return _last_performed(node, sheet)
        case "Includes":
            name = stated(property_name(node["path"]))
            holding = sheet.feature(
                since_last=f"{name}.{LINES}", where=f"{ITEM} = {_literal(node['item'], is_text=True)}"
            )
            return f"{holding} = {sheet.feature(since_last=name)}"
        case "Trait":
            return _trait(node["operator"], property_name(node["path"]), sheet)
    raise NotOurs(f"{node['type']} segments")


def _last_performed(node: Json, sheet: Sheet) -> str:
    """The newest event that passes ``where`` also has what it should: both were last seen at the same time."""
    where, has = node.get("whereProperties", ()), node.get("hasProperties", ())
    events = sheet.declared.like(node["event"])
    newest = [sheet.feature(since_last=event, **filtered(event, where, sheet)) for event in events]
    fit = [sheet.feature(since_last=event, **filtered(event, [*where, *has], sheet)) for event in events]
    return f"{_least(fit)} = {_least(newest)}"


def _trait(operator: Json, name: str, sheet: Sheet) -> str:
    match operator["type"]:
        case "Within":
            return f"{sheet.feature(count=reached(name), within=seconds(operator))} >= 1"
        case "HasBeen":
            return _has_been(operator, name, sheet)
    return condition(operator, name, sheet.declared.traits.get(name))


def _has_been(operator: Json, name: str, sheet: Sheet) -> str:
    """A trait has had a value for a span iff it was stated by then and had no other value at any instant since."""
    is_value = condition({"type": "Equals", "value": operator["value"]}, name, "category")
    other = sheet.segment(f"({name} IS NULL OR NOT {is_value})", hold=seconds(operator))
    age = sheet.feature(since_first=f"traits.{name}")
    long = f"{age} >= {operator['windowSeconds']} / 86400 AND NOT in_segment('{other}')"
    return f"{is_value} AND {'NOT ' if operator['comparator'] == 'LT' else ''}({long})"


def seconds(operator: Json) -> str:
    """Return the span of an operator."""
    return f"{operator['windowSeconds']}s"


def _least(terms: list[str]) -> str:
    return terms[0] if len(terms) == 1 else f"LEAST({', '.join(terms)})"


def _literal(value: object, *, is_text: bool) -> str:
    return "'" + str(value).replace("'", "''") + "'" if is_text else str(value)
