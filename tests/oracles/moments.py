"""Zones, and dice for instants near what is odd about their calendars."""

from __future__ import annotations

from datetime import date, datetime, time
from random import Random

from tests.oracles.calendar import resolve, zone_named

from onefold.core.instant import HOUR

EVERYWHERE = (
    "2024-02-29 2025-02-28 2025-03-01 2025-12-31 2026-01-01 2026-01-31 2026-03-28 2026-03-29 2026-03-30 "
    "2026-03-31 2026-04-30 2026-05-04 "
)
DAYS = {
    "UTC": EVERYWHERE,
    "Europe/Prague": EVERYWHERE + "2026-10-25 2026-04-29 2026-11-25 2027-03-29",
    "America/St_Johns": EVERYWHERE + "2026-03-08 2026-11-01 2026-12-01 2026-04-08 2007-03-11 2010-11-06 2010-11-07",
    "America/Sao_Paulo": EVERYWHERE + "2018-11-03 2018-11-04 2018-12-04 2018-02-17 2018-02-18 2018-03-18",
}
CHANGES = {
    "Europe/Prague": "2026-10-25T02:30 2026-10-25T02:00 2026-03-29T02:30",
    "America/St_Johns": "2026-11-01T01:30 2010-11-06T23:30 2010-11-06T23:01 2026-03-08T02:30",
    "America/Sao_Paulo": "2018-02-17T23:30 2018-02-17T23:00 2018-11-04T00:30",
}
CLOCKS = ("00:00", "00:00:30", "01:59:59.999999", "02:00", "02:30", "03:00", "12:00", "23:30")
WALLS = tuple(time.fromisoformat(clock) for clock in CLOCKS)


def moment_by(rng: Random, zone: str) -> int:
    """Throw an instant near what is odd about a zone's calendar, often in a gap or a repeated hour."""
    if zone in CHANGES and rng.random() < 0.5:
        wall = datetime.fromisoformat(rng.choice(CHANGES[zone].split()))
        return resolve(wall, zone_named(zone)) + rng.choice([0, HOUR, HOUR + 1, HOUR // 2, -1])
    day = date.fromisoformat(rng.choice(DAYS[zone].split()))
    wall = datetime.combine(day, rng.choice(WALLS))
    return resolve(wall, zone_named(zone)) + rng.choice([0, 1, -1, HOUR, -HOUR, HOUR - 1])
