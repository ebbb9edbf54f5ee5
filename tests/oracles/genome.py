"""The naive genome, as it stands in the package (:mod:`onefold.oracle`), under the names that tests use."""

from __future__ import annotations

from onefold.oracle.events import Condition, OracleEvent, Properties, Value, events_that_exist
from onefold.oracle.features import Option, OracleFeature, OracleStream, Reading
from onefold.oracle.reading import AGGREGATES, next_changes, oracle_genome, value, watched
from onefold.oracle.simple import chosen_date
from onefold.oracle.windows import Always, Between, Since, Window, Within, bounds, stay

__all__ = [
    "AGGREGATES", "Always", "Between", "Condition", "Option", "OracleEvent", "OracleFeature", "OracleStream",
    "Properties", "Reading", "Since", "Value", "Window", "Within", "bounds", "chosen_date", "events_that_exist",
    "next_changes", "oracle_genome", "stay", "value", "watched",
]  # fmt: skip
