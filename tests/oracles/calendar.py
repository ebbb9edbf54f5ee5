"""The oracle's calendar, as it stands in the package (:mod:`onefold.oracle`)."""

from __future__ import annotations

from onefold.oracle.calendar import (
    EPOCH,
    EPOCH_DATE,
    UNITS,
    days,
    first_day,
    first_instant,
    furthest_wall,
    instant,
    instant_of,
    local_date,
    months_before,
    next_first_day,
    next_start_of,
    resolve,
    shown,
    start_of,
    start_of_date,
    wall_at,
    zone_named,
)

__all__ = [
    "EPOCH", "EPOCH_DATE", "UNITS", "days", "first_day", "first_instant", "furthest_wall", "instant", "instant_of",
    "local_date", "months_before", "next_first_day", "next_start_of", "resolve", "shown", "start_of", "start_of_date",
    "wall_at", "zone_named",
]  # fmt: skip
