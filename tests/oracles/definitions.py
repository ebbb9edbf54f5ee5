"""Features as they stand in ``features/*.yaml``, beside the same feature as the oracle reads it.

A condition is given twice, as SQL text for the engine and as a Python function for the oracle: the oracle
must not depend on the language that it helps to check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from tests.oracles.genome import (
    AGGREGATES,
    Always,
    Between,
    Option,
    OracleFeature,
    OracleStream,
    Since,
    Window,
    Within,
)
from tests.oracles.wheres import Where, all_of

from onefold.core.instant import MINUTE, Span

Types = Mapping[str, tuple[str, int]]  # property -> (type, scale); the scale is 0 where the type has none
SchemaText = Mapping[str, Types]  # event, list of an event, or traits.x with the one property value
Point = tuple[int, int]
Places = Mapping[str, tuple[Point, str]]  # name -> (latitude and longitude in 1e-7 degrees, kind)
Yaml: TypeAlias = "str | int | float | Where | Sequence[Yaml] | Mapping[str, Yaml]"

OF_THE_EVENT = ("count", "share", "active", "since_first", "since_last")
NO_PLACES: Places = {}
UNITS_A_DEGREE = 10**7


@dataclass(frozen=True)
class Definition:
    """A feature by name: ``body`` is its mapping as in YAML, but for ``where``; steps may hold conditions."""

    name: str
    body: Mapping[str, Yaml]
    where: Where | None = None

    @property
    def yaml(self) -> dict[str, object]:
        """Return the mapping as it would stand in the file.

        >>> Definition("n", {"count": "view", "within": "7d"}, Where("a = 1", lambda row: row["a"] == 1)).yaml
        {'count': 'view', 'within': '7d', 'where': 'a = 1'}
        """
        body = {key: _plain(value) for key, value in self.body.items()}
        return {**body, "where": self.where.text} if self.where else body

    @property
    def aggregate(self) -> str:
        """Return the aggregate's name: ``hours`` also where it is written beside ``share``."""
        named = [key for key in self.body if key in AGGREGATES]
        return "hours" if "hours" in named else named[0]

    def feature(self, schema: SchemaText, places: Places = NO_PLACES) -> OracleFeature:
        """Return the feature for the oracle."""
        window, holds = _window(self.body), self.where.holds if self.where else None
        match self.aggregate:
            case "sequence":
                return self._sequence(window)
            case "hours":
                return self._hours(schema, window)
            case "near":
                return self._near(schema, places, window)
        target = str(self.body[self.aggregate])
        source, property_ = target_of(target, schema, of_the_event=self.aggregate in OF_THE_EVENT)
        by = str(self.body["by"]) if "by" in self.body else None
        options = tuple(_options(self.aggregate, self.body).items())
        of_instants = property_ is not None and schema[source][property_][0] == "instant"
        return OracleFeature(
            self.name, self.aggregate, source, property_, holds, window, by, of_instants=of_instants, options=options
        )

    def _sequence(self, window: Window) -> OracleFeature:
        steps = [_step(one, self.where) for one in _listed(self.body["sequence"])]
        without = [_step(one, None) for one in _listed(self.body.get("without", []))]
        first, *more = [*steps, *without]
        after = Span.parse(str(self.body.get("after", "0h"))).fixed
        options = (("steps", len(steps)), ("without", len(without)), ("after", after))
        return OracleFeature(
            self.name, "sequence", first.source, None, first.where, window, more=tuple(more), options=options
        )

    def _hours(self, schema: SchemaText, window: Window) -> OracleFeature:
        of_all = "share" in self.body
        source, _ = target_of(str(self.body["share" if of_all else "event"]), schema, of_the_event=True)
        begin, end = _listed(self.body["hours"])
        assert isinstance(begin, int)
        assert isinstance(end, int)
        options = (("from", begin), ("to", end), ("of_all", of_all))
        more = (OracleStream(source),) if of_all else ()
        holds = self.where.holds if self.where else None
        return OracleFeature(self.name, "hours", source, None, holds, window, more=more, options=options)

    def _near(self, schema: SchemaText, places: Places, window: Window) -> OracleFeature:
        inner = self.body["near"]
        assert isinstance(inner, Mapping)
        source, property_ = target_of(str(inner["event"]), schema, of_the_event=False)
        if property_ is None:
            (property_,) = (known for known, (type_, _) in schema[source].items() if type_ == "place")
        radius = metres(str(inner["radius"])) if "radius" in inner else None
        stat = str(inner.get("stat", self.body.get("stat", "count")))
        options = (("points", _points(inner, places)), ("radius", radius), ("stat", stat))
        holds = self.where.holds if self.where else None
        return OracleFeature(self.name, "near", source, property_, holds, window, options=options)


def target_of(target: str, schema: SchemaText, *, of_the_event: bool) -> tuple[str, str | None]:
    """Return the source and property that a key names."""
    if target.startswith("traits."):
        return target, None if of_the_event else "value"
    if target in schema:
        return target, None
    source, _, property_ = target.rpartition(".")
    assert property_ in schema[source], target
    return source, property_


def metres(text: str) -> int | Fraction:
    """Return a radius.

    >>> metres("500m"), metres("2.5km")
    (Fraction(500, 1), Fraction(2500, 1))
    """
    return Fraction(text[:-2]) * 1000 if text.endswith("km") else Fraction(text[:-1])


def _options(aggregate: str, body: Mapping[str, Yaml]) -> dict[str, Option]:
    if aggregate == "recurring":
        percent = str(body.get("tolerance", "20%"))
        return {"every": str(body["every"]), "tolerance": Fraction(percent.removesuffix("%")) / 100}
    if aggregate == "session":
        gap = Span.parse(str(body["gap"])).fixed if "gap" in body else 30 * MINUTE
        stat = str(body.get("stat", "count"))
        return {"gap": gap, "stat": stat, "of": "last" if stat == "entry" else str(body.get("of", "all"))}
    return {}


def _step(step: Yaml, above: Where | None) -> OracleStream:
    if isinstance(step, str):
        return OracleStream(step, above.holds if above else None)
    assert isinstance(step, Mapping)
    own = step.get("where")
    wheres = [where for where in (own, above) if isinstance(where, Where)]
    return OracleStream(str(step["event"]), all_of(*wheres).holds if wheres else None)


def _points(inner: Mapping[str, Yaml], places: Places) -> tuple[Point, ...]:
    if "point" in inner:
        latitude, longitude = _listed(inner["point"])
        return ((_units(latitude), _units(longitude)),)
    words = [str(word) for word in _listed(inner["places"])]
    return tuple(point for name, (point, kind) in sorted(places.items()) if name in words or kind in words)


def _units(degrees: Yaml) -> int:
    assert isinstance(degrees, int | float | str)
    exact = Fraction(str(degrees)) * UNITS_A_DEGREE
    assert exact.denominator == 1
    return int(exact)


def _listed(value: Yaml) -> Sequence[Yaml]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _plain(value: Yaml) -> object:
    if isinstance(value, Where):
        return value.text
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value


def _window(body: Mapping[str, Yaml]) -> Window:
    if "within" in body:
        return Within(Span.parse(str(body["within"])))
    if "between" in body:
        longest, shortest = _listed(body["between"])
        return Between(Span.parse(str(longest)), Span.parse(str(shortest)))
    if "since" in body:
        return Since(str(body["since"]).removeprefix("start of "))
    return Always()
