"""Features as they stand in ``features/*.yaml``, beside the same feature as the oracle reads it.

A condition is given twice, as SQL text for the engine and as a Python function for the oracle: the oracle
must not depend on the language that it helps to check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.oracles.genome import (
    AGGREGATES,
    Always,
    Between,
    OracleFeature,
    Since,
    Window,
    Within,
)
from tests.oracles.wheres import Where

from onefold.core.instant import Span

Types = Mapping[str, tuple[str, int]]  # property -> (type, scale); the scale is 0 where the type has none
SchemaText = Mapping[str, Types]  # event, list of an event, or traits.x with the one property value
Yaml = str | list[str]

OF_THE_EVENT = ("count", "share", "active", "since_first", "since_last")


@dataclass(frozen=True)
class Definition:
    """A feature by name: ``body`` is its mapping as in YAML, but for ``where``."""

    name: str
    body: Mapping[str, Yaml]
    where: Where | None = None

    @property
    def yaml(self) -> dict[str, Yaml]:
        """Return the mapping as it would stand in the file.

        >>> Definition("n", {"count": "view", "within": "7d"}, Where("a = 1", lambda row: row["a"] == 1)).yaml
        {'count': 'view', 'within': '7d', 'where': 'a = 1'}
        """
        return {**self.body, "where": self.where.text} if self.where else dict(self.body)

    def feature(self, schema: SchemaText) -> OracleFeature:
        """Return the feature for the oracle."""
        (aggregate,) = (key for key in self.body if key in AGGREGATES)
        source, property_ = _target(aggregate, str(self.body[aggregate]), schema)
        by = str(self.body["by"]) if "by" in self.body else None
        holds = self.where.holds if self.where else None
        return OracleFeature(self.name, aggregate, source, property_, holds, _window(self.body), by)


def _target(aggregate: str, target: str, schema: SchemaText) -> tuple[str, str | None]:
    if target.startswith("traits."):
        return target, None if aggregate in OF_THE_EVENT else "value"
    if target in schema:
        return target, None
    source, _, property_ = target.rpartition(".")
    assert property_ in schema[source], target
    return source, property_


def _window(body: Mapping[str, Yaml]) -> Window:
    if "within" in body:
        return Within(Span.parse(str(body["within"])))
    if "between" in body:
        spans = body["between"]
        assert isinstance(spans, list)
        longest, shortest = spans
        return Between(Span.parse(longest), Span.parse(shortest))
    if "since" in body:
        return Since(str(body["since"]).removeprefix("start of "))
    return Always()
