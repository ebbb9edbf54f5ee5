"""What is read above a genome: segments and decisions, by one engine whose plan holds all that they name."""

from __future__ import annotations

from collections.abc import Sequence

from onefold.core.types import ValueType
from onefold.decisions.prepared import prepare
from onefold.features.consent import consent_features
from onefold.features.engine import Engine
from onefold.features.plan import build_plan
from onefold.features.rankings import Population
from onefold.language.ast import Kind, Name, Node
from onefold.profiles.layout import Layout
from onefold.segments.membership import Membership
from onefold.workspace.definitions import Definitions

TIMEZONE = "timezone"
"""The trait that serves quiet hours and ``context.hour`` (SEMANTICS section 3)."""


class Results:
    """The engine of a set of definitions for results, and what reads memberships by it.

    ``also`` are further expressions over the genome, such as the predicate of a preview; ``population`` is what ranks
    compare with.
    """

    def __init__(
        self,
        definitions: Definitions,
        layout: Layout,
        also: Sequence[Node] = (),
        *,
        population: Population | None = None,
    ) -> None:
        segments, catalogue = definitions.segments, definitions.catalogue
        gates = segments.gates | catalogue.gates
        features = definitions.features.with_more(consent_features(definitions.schema, gates))
        above = [*segments.expressions, *catalogue.expressions, *_timezone(definitions), *also]
        plan = build_plan(features, layout, above=above)
        self.engine = Engine(plan, definitions.config.zone, population=population)
        self.membership = Membership(segments, self.engine)
        self.history = self.membership.history
        self.prepared = prepare(catalogue, definitions.features, segments)


def _timezone(definitions: Definitions) -> list[Node]:
    trait = definitions.schema.traits.get(TIMEZONE)
    stated = trait is not None and trait.type is ValueType.CATEGORY and trait.on_timeline
    return [Name(TIMEZONE, Kind.CATEGORY)] if stated else []
