"""``calendar:`` of ``onefold.yaml``: whose public holidays the bank keeps, and the periods that rules may name."""

from __future__ import annotations

import re
from difflib import get_close_matches

from onefold.core.calendar import Calendar, Period, Stretch, day_of, stretch_of
from onefold.core.document import Section
from onefold.core.holiday import regions

MAX_PERIODS = 200
MAX_STRETCHES = 50
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_EXAMPLE = "Write days of every year, such as {from: 07-01, to: 08-31}, or of one, such as 2026-11-27."


def read_calendar(root: Section) -> Calendar:
    """Read the calendar of a workspace, noting problems; what is at fault is left out."""
    section = root.section("calendar")
    if section is None:
        return Calendar()
    section.only("holidays", "periods")
    return Calendar(_region(section), _periods(section))


def _region(section: Section) -> str | None:
    text = section.text("holidays")
    if text is None:
        return None
    country, dash, part = text.partition("-")
    known = regions()
    if country not in known:
        why, remedy = f"no holidays are known of {text[:40]!r}", _meant(country, known, "Write a country such as CZ.")
    elif dash and part not in known[country]:
        close = _meant(part, known[country], f"Write {country} alone.", before=f"{country}-")
        why, remedy = f"no region {part[:40]!r} of {country} has holidays of its own", close
    else:
        return text
    section.problem("holidays", why, remedy)
    return None


def _meant(word: str, known: dict[str, tuple[str, ...]] | tuple[str, ...], otherwise: str, before: str = "") -> str:
    folded = {one.lower(): one for one in known}
    close = get_close_matches(word[:40].lower(), folded, n=1)
    return f"Did you mean {before}{folded[close[0]]}?" if close else otherwise


def _periods(section: Section) -> dict[str, Period]:
    inner = section.section("periods")
    names = inner.keys() if inner else []
    if inner is None or len(names) > MAX_PERIODS:
        if inner is not None:
            section.problem("periods", f"it has more than {MAX_PERIODS} periods", "Leave out what no rule names.")
        return {}
    found = {}
    for name in names:
        before = len(inner.problems.found)
        stretches = _stretches(inner, name)
        if not _NAME.fullmatch(name):
            inner.problems.add(
                f"the period {name[:60]!r}",
                "its name is not snake case",
                "Use a-z, 0-9 and _.",
                inner.place_of_key(name),
            )
        if len(inner.problems.found) == before:
            found[name] = Period(name, stretches)
    return found


def _stretches(section: Section, name: str) -> tuple[Stretch, ...]:
    items = section.items_of(name)
    if not items or len(items) > MAX_STRETCHES:
        why = f"it has more than {MAX_STRETCHES} stretches" if items else "it is empty"
        section.problem(name, why, _EXAMPLE)
        return ()
    read = [_stretch(inner) for inner in section.sections_of(name)]
    return tuple(one for one in read if one is not None)


def _stretch(section: Section) -> Stretch | None:
    section.only("from", "to")
    first, last = _day(section, "from"), _day(section, "to")
    if first is None or last is None:
        return None
    try:
        return stretch_of(first, last)
    except ValueError as error:
        section.problem("to", str(error), _EXAMPLE)
        return None


def _day(section: Section, key: str) -> str | None:
    """Return the text of a day; None where it is missing or none, which is then noted."""
    text = section.required(key)
    if text is None:
        if key in section and section.raw(key) is None:
            section.problem(key, "it is empty", _EXAMPLE)
        return None
    try:
        day_of(text)
    except ValueError as error:
        section.problem(key, str(error), _EXAMPLE)
        return None
    return text
