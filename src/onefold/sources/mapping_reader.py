"""``sources/*.yaml`` -> :class:`~onefold.sources.mapping.Mapping`, with every problem of the file at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from onefold.core.document import Section
from onefold.core.errors import Place, UserError
from onefold.core.event import IDENTIFY, LINKED
from onefold.core.schema import Property, Schema
from onefold.core.types import ValueType
from onefold.language.ast import Kind, Node
from onefold.language.lineage import uses_today
from onefold.language.parse import parse, parse_predicate
from onefold.language.scope import MAPPING, Scope, has_kind, kind_of
from onefold.sources.column_scope import ColumnNames, is_column
from onefold.sources.file_reader import FILE_KEYS, read_files
from onefold.sources.mapping import Files, Lookup, Mapping, Record, Value
from onefold.sources.names import name_fault
from onefold.sources.templates import Template

_RECORD_KEYS = ("event", "identify", "link", "name", "customer", "time", "id", "order", "when", "properties")


def read_mapping(section: Section, *, schema: Schema) -> Mapping:
    """Read one mapping file against the workspace's events and traits.

    What is wrong is noted in ``section.problems`` and left out of the mapping that is returned; call
    ``section.problems.raise_if_any()`` before using it.
    """
    section.only("source", "lookups", "records", *FILE_KEYS)
    source = section.required("source") or "unnamed"
    fault = name_fault(source, of_event=True)
    if fault:
        section.problem("source", "a source is named in snake case", fault[1])
    files = read_files(section)
    lookups = _read_lookups(section, files, schema)
    own = {column.name: column.kind for column in files.columns}
    theirs = {each.name: {column.name: column.kind for column in each.files.columns} for each in lookups}
    scope = Scope(ColumnNames(own, theirs), schema.money_scale, MAPPING)
    reader = _Reader(schema, scope)
    records = [reader.record(body) for body in section.sections_of("records")]
    if "records" not in section:
        section.problems.add("`records`", "it is missing", "Say what a row means: add `records:`.", section.place)
    elif not records:
        section.problem("records", "it is empty", "Describe at least one record.")
    found = tuple(record for record in records if record is not None)
    _refuse_twins(section, found)
    return Mapping(source, files, tuple(lookups), found)


def _refuse_twins(section: Section, records: Sequence[Record]) -> None:
    seen: set[str] = set()
    for record in records:
        if record.name in seen:
            section.problem(
                "records",
                f"two records are called `{record.name}`",
                "Give one of them a `name:` of its own; it is part of the identity of its events.",
            )
        seen.add(record.name)


def _read_lookups(section: Section, files: Files, schema: Schema) -> list[Lookup]:
    outer = section.section("lookups")
    found: list[Lookup] = []
    for name, body in outer.sections() if outer is not None else ():
        assert outer is not None
        body.only("key", "on", "where", *FILE_KEYS)
        if not is_column(name):
            outer.problems.add(
                f"the lookup `{name}`", "names are in snake case", "Rename it.", outer.place_of_key(name)
            )
        theirs = read_files(body)
        key = body.required("key") or "key"
        if not is_column(key):
            body.problem("key", f"{key!r} is not the name of a column", "Name one column of the lookup's file.")
        on = body.text("on", key) or key
        _check_on(body, on, found, files)
        kinds = {column.name: column.kind for column in theirs.columns}
        scope = Scope(ColumnNames(kinds, {}), schema.money_scale, MAPPING)
        where = _parsed(body, "where", scope, predicate=True)
        found.append(Lookup(name, theirs, key, on, where))
    return found


def _check_on(body: Section, on: str, earlier: Sequence[Lookup], files: Files) -> None:
    head, dot, tail = on.partition(".")
    known = [lookup.name for lookup in earlier]
    if dot and (head not in known or not is_column(tail)):
        why = f"`{head}` is no lookup that stands before this one"
        body.problem("on", why, "Name a column of this file, or `lookup.column` of a lookup above.")
    elif not dot and not is_column(on):
        body.problem("on", f"{on!r} is not the name of a column", "Name one column, in snake case.")
    typed = {column.name for column in files.columns if column.kind is not Kind.CATEGORY}
    if on in typed:
        return  # keys are matched as they are written, whatever the column's type


def _parsed(body: Section, key: str, scope: Scope, *, predicate: bool = False) -> Node | None:
    text = body.text(key)
    return None if text is None else _parsed_text(text, body.place_of(key), body, scope, predicate=predicate)


def _parsed_text(text: str, place: Place, body: Section, scope: Scope, *, predicate: bool = False) -> Node | None:
    try:
        node = (parse_predicate if predicate else parse)(text, scope, place=place)
    except UserError as error:
        body.problems.extend(error)
        return None
    if uses_today(node):
        why = "a row would mean something else tomorrow"
        body.problems.add("CURRENT_DATE", why, "Compute with dates of the row; ages belong in features.", place)
    return node


@dataclass(frozen=True, slots=True)
class _Reader:
    schema: Schema
    scope: Scope

    def record(self, body: Section) -> Record | None:
        body.only(*_RECORD_KEYS)
        kinds = [key for key in ("event", "identify", "link") if key in body]
        if len(kinds) != 1:
            why = "a record is exactly one of `event`, `identify` and `link`"
            body.problems.add("a record", why, "Keep one of them, or make it several records.", body.place)
            return None
        kind = kinds[0]
        if kind != "event" and "properties" in body:
            body.problem("properties", f"only an `event` has properties, not `{kind}`", "Remove it.")
        event, values = self._content(kind, body)
        customer = self._template(body, "customer", required=True)
        time = self._node(body, "time", (Kind.DATE, Kind.INSTANT), "a date or an instant")
        if "time" not in body:
            body.required("time")
        order = self._node(body, "order", (Kind.NUMBER,), "a whole number")
        when = _parsed(body, "when", self.scope, predicate=True)
        link = self._template(body, "link", required=True) if kind == "link" else None
        name = body.text("name") or (event if kind == "event" else kind)
        if event is None or customer is None or time is None or name is None:
            return None
        return Record(name, event, customer, time, values, link, self._ids(body), order=order, when=when)

    def _content(self, kind: str, body: Section) -> tuple[str | None, tuple[Value, ...]]:
        if kind == "link":
            return LINKED, ()
        if kind == "identify":
            traits = body.section("identify")
            if traits is None or not traits.keys():
                body.problem("identify", "it states no trait", "Write `identify: {region: expression}`.")
                return IDENTIFY, ()
            return IDENTIFY, self._values(traits, list(self.schema.traits.values()), what="trait")
        name = body.text("event") or ""
        declared = self.schema.events.get(name)
        if declared is None:
            near = get_close_matches(name, self.schema.events, 1, 0.6)
            hint = f"Did you mean `{near[0]}`? Otherwise declare" if near else "Declare"
            body.problem("event", f"`{name}` is not declared", f"{hint} it in events.yaml.")
            return None, ()
        if name == LINKED:
            body.problem("event", "links are made by `link`", 'Write `link: "account:{account_id}"`.')
        inner = body.section("properties")
        return name, self._values(inner, list(declared.properties), what="property") if inner else ()

    def _values(self, inner: Section, declared: list[Property], *, what: str) -> tuple[Value, ...]:
        by_name = {prop.name: prop for prop in declared}
        found = []
        names = inner.keys()
        for name in names:
            prop = by_name.get(name)
            if prop is None:
                near = get_close_matches(name, by_name, 1, 0.6)
                hint = f"Did you mean `{near[0]}`? Otherwise declare" if near else "Declare"
                inner.problems.add(
                    f"the {what} `{name}`",
                    "it is not declared",
                    f"{hint} it in events.yaml.",
                    inner.place_of_key(name),
                )
                continue
            nodes = self._place_of(inner, prop) if prop.type is ValueType.PLACE else self._value(inner, prop)
            if nodes is not None:
                found.append(Value(prop, nodes))
        return tuple(found)

    def _value(self, inner: Section, prop: Property) -> tuple[Node, ...] | None:
        if prop.type is ValueType.LIST:
            why = "a row of a file has no list"
            inner.problem(prop.name, why, "Give every line an event of its own, or send messages.")
            return None
        kind = kind_of(prop.type) if has_kind(prop.type) else Kind.CATEGORY
        node = self._node(inner, prop.name, (kind,), f"of kind {kind}, as `{prop.name}` is declared")
        return None if node is None else (node,)

    def _place_of(self, inner: Section, prop: Property) -> tuple[Node, ...] | None:
        body = inner.section(prop.name)
        if body is None:
            inner.problem(prop.name, "a place is two numbers", "Write {latitude: expression, longitude: expression}.")
            return None
        body.only("latitude", "longitude")
        found = [self._node(body, key, (Kind.NUMBER,), "a number of degrees") for key in ("latitude", "longitude")]
        for key in ("latitude", "longitude"):
            if key not in body:
                body.required(key)
        latitude, longitude = found
        return None if latitude is None or longitude is None else (latitude, longitude)

    def _node(self, body: Section, key: str, kinds: tuple[Kind, ...], expected: str) -> Node | None:
        node = _parsed(body, key, self.scope)
        if node is None or node.kind in kinds or node.kind is Kind.NULL:
            return node
        body.problem(key, f"the expression is of kind {node.kind}, but it must be {expected}", _remedy(node, kinds))
        return None

    def _template(self, body: Section, key: str, *, required: bool) -> Template | None:
        text = body.required(key) if required else body.text(key)
        if text is None:
            return None
        try:
            template = Template.parse(text)
        except ValueError as error:
            body.problem(key, str(error), "Write `namespace:{column}`, such as `client:{client_id}`.")
            return None
        if not template.texts[0].rstrip().endswith(":") and ":" not in template.texts[0]:
            why = "it does not begin with a namespace, which every name of a customer has"
            body.problem(key, why, "Write `namespace:{column}`, such as `client:{client_id}`.")
        for name in sorted(template.names()):
            self._check_column(body, key, name)
        return template

    def _check_column(self, body: Section, key: str, name: str) -> None:
        if name not in self.scope.names:
            near = self.scope.nearest(name)
            remedy = f"Did you mean `{near}`?" if near else "Name a column of the file, or `lookup.column`."
            body.problem(key, f"there is no lookup for `{name}`", remedy)

    def _ids(self, body: Section) -> tuple[str, ...]:
        found: list[str] = []
        for item, place in body.items_of("id"):
            name: Any = item
            if isinstance(name, str) and is_column(name) and name not in found:
                found.append(name)
            else:
                remedy = "Name columns of this file, each once, such as `id: [trans_id]`."
                body.problems.add("`id`", f"{item!r} is not the name of a column", remedy, place)
        if "id" in body and not found:
            body.problem("id", "it names no column", "Name one, or leave `id` out: the whole row then counts.")
        return tuple(found)


def _remedy(node: Node, kinds: tuple[Kind, ...]) -> str:
    if node.kind is Kind.CATEGORY:
        return f"Give the column a type under `columns:`, such as `{kinds[0]}`, or convert it by a function."
    return "Mend the expression, or change the type in events.yaml."
