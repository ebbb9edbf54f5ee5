"""The naive genome, as it stands in the package (:mod:`onefold.oracle`), under the names that tests use."""

from __future__ import annotations

from onefold.oracle.events import Condition, OracleEvent, Properties, Value, events_that_exist
from onefold.oracle.reading import AGGREGATES, OracleFeature, Reading, chosen_date, oracle_genome, value
from onefold.oracle.windows import Always, Between, Since, Window, Within, bounds, stay


def retention_name(source: str) -> str:
    """Return the name under which ``retention`` speaks of a source: a list goes with its event."""
    return source if source.startswith("traits.") else source.partition(".")[0]


__all__ = [
    "AGGREGATES", "Always", "Between", "Condition", "OracleEvent", "OracleFeature", "Properties", "Reading", "Since",
    "Value", "Window", "Within", "bounds", "chosen_date", "events_that_exist", "oracle_genome", "retention_name",
    "stay", "value",
]  # fmt: skip
