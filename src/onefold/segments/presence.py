"""When a customer exists: from their first event on, as long as retention leaves any of their events."""

from __future__ import annotations

import numpy as np

from onefold.core.zone import Zone
from onefold.features import kernel, tables
from onefold.features.calendar import zone_arrays
from onefold.features.plan import Plan
from onefold.profiles.words import Rows, codes_of, times_of
from onefold.segments.intervals import Instants, Span, Spans

ALWAYS = tables.NEVER


def presence(rows: Rows, plan: Plan, zone: Zone) -> Spans:
    """Return when the customer of these records exists, as the engine's ``present`` says of each instant."""
    codes = codes_of(rows).astype(np.int64)
    understood = codes < len(plan.sources)
    times, codes = times_of(rows[understood]), codes[understood]
    if not len(times):
        return []
    retention = plan.sources[codes, tables.SOURCE_RETENTION]
    if (retention < 0).all():
        return [Span(int(times.min()), ALWAYS)]
    gone = np.full(len(times), ALWAYS, np.int64)
    for bound in np.unique(retention[retention >= 0]).tolist():
        mine = retention == bound
        gone[mine] = _passed(plan.bounds[bound], times[mine], zone)
    order = np.argsort(times, kind="stable")
    return _joined(times[order], gone[order])


def _passed(bound: Instants, times: Instants, zone: Zone) -> Instants:
    """Return for each time when a moving bound has gone beyond it."""
    arrays = zone_arrays(zone)
    zoned = (arrays.starts, arrays.offsets, arrays.peaks)
    distinct, places = np.unique(times, return_inverse=True)
    found = [kernel.passed_at(np.ascontiguousarray(bound), int(time), *zoned) for time in distinct]
    return np.array(found, np.int64)[places]


def _joined(times: Instants, gone: Instants) -> Spans:
    last = np.maximum.accumulate(gone)
    begins = np.concatenate([[True], times[1:] > last[:-1]])
    ends = np.append(np.flatnonzero(begins)[1:] - 1, len(times) - 1)
    return [Span(int(start), int(stop)) for start, stop in zip(times[begins], last[ends], strict=True)]
