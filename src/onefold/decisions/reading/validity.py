"""``valid: {from: 2026-01-01, to: 2026-12-31}``: from when until when an offer may be made."""

from __future__ import annotations

from onefold.core.document import Section
from onefold.core.instant import LATEST, days_of, parse_iso
from onefold.core.zone import Zone
from onefold.decisions.definitions import Valid

_REMEDY = "Write a date or an instant, such as 2026-12-31 or 2026-12-31T18:00:00+01:00."


def read_valid(offer: Section, zone: Zone) -> Valid:
    """Return from which instant on, and before which, an offer is valid; both ends are open where not stated.

    ``to`` is included: a date to its end in the workspace's zone, an instant to its microsecond.
    """
    section = offer.section("valid")
    if section is None:
        return Valid()
    section.only("from", "to")
    start, end = _instant(section, "from", zone, last=False), _instant(section, "to", zone, last=True)
    if start is not None and end is not None and start >= end:
        section.problem("to", "it lies before `from`: the offer would never be valid", "Exchange the two.")
    return Valid(start, end)


def _instant(section: Section, key: str, zone: Zone, *, last: bool) -> int | None:
    text = section.text(key)
    if text is None:
        return None
    try:
        instant = zone.parse(text)
        if not last:
            return instant
        day = parse_iso(text) if len(text.strip()) == 10 else None
        return instant + 1 if day is None else min(zone.start_of_day(days_of(day) + 1), LATEST)
    except ValueError as error:
        section.problem(key, str(error), _REMEDY)
        return None
