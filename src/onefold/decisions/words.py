"""The words of offers, placements and policies: names, choices, spans; what is at fault is noted with a remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from onefold.core.document import Section
from onefold.core.errors import Place, Problems
from onefold.core.instant import DAY, HOUR, MINUTE, SECOND, Span

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (1000, "ms"), (1, "us"))
_Word = TypeVar("_Word", bound=StrEnum)


def is_name(text: str) -> bool:
    """Whether a text is a name in snake case: a letter, then at most 59 letters, digits and ``_``.

    >>> is_name("home_hero"), is_name("Home"), is_name("")
    (True, False, False)
    """
    return _NAME.fullmatch(text) is not None


def check_name(problems: Problems, what: str, text: str, place: Place) -> bool:
    """Note a name that is none; return whether it is one."""
    if is_name(text):
        return True
    why = "its name is not in snake case" if len(text) <= 60 else "its name is longer than 60 characters"
    remedy = "Use a-z, 0-9 and _, beginning with a letter, at most 60."
    problems.add(f"{what} {text[:80]!r}", why, remedy, place)
    return False


def note_empty(section: Section, key: str, remedy: str) -> None:
    """Note a key that says nothing, at the key itself: where nothing stands is no place."""
    section.problems.add(f"`{key}`", "it is empty", remedy, section.place_of_key(key))


def name_of(section: Section, key: str, *, required: bool = False) -> str | None:
    """Return the name that a key holds, None where it is missing or none."""
    text = section.required(key) if required else section.text(key)
    if text is None:
        if required and key in section and section.raw(key) is None:
            note_empty(section, key, f"Write `{key}: name`.")
        return None
    return text if check_name(section.problems, f"`{key}`", text, section.place_of(key)) else None


def names_of_list(section: Section, *keys: str) -> tuple[str, ...]:
    """Return the different names of a list (or the one name) under the first of some keys that is there."""
    stated = [key for key in keys if key in section]
    if len(stated) > 1:
        section.problem(stated[1], f"`{stated[0]}` already says it", "Keep one of them.")
    found: dict[str, None] = {}
    for key in stated[:1]:
        items = section.items_of(key)
        if not items:
            note_empty(section, key, f"Name at least one, or remove `{key}`.")
        for item, place in items:
            if check_name(section.problems, f"an item of `{key}`,", str(item), place):
                found[str(item)] = None
    return tuple(found)


def word_of(section: Section, key: str, words: type[_Word], *, required: bool = False) -> _Word | None:
    """Return one of a closed list of words, None where it is missing or unknown."""
    text = section.required(key) if required else section.text(key)
    if text is None:
        if required and key in section:
            note_empty(section, key, f"Write one of: {', '.join(words)}.")
        return None
    return _word(section, f"`{key}`", text, section.place_of(key), words)


def words_of_list(section: Section, key: str, words: type[_Word]) -> frozenset[_Word]:
    """Return the known words of a list."""
    found = (_word(section, f"an item of `{key}`", str(item), place, words) for item, place in section.items_of(key))
    return frozenset(word for word in found if word is not None)


def _word(section: Section, what: str, text: str, place: Place, words: type[_Word]) -> _Word | None:
    if text in set(words):
        return words(text)
    section.problems.add(what, f"{text[:80]!r} is not known", did_you_mean(text, words), place)
    return None


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return a remedy for an unknown word.

    >>> did_you_mean("marketting", ["service", "marketing"])
    'Did you mean `marketing`?'
    """
    words = list(known)
    near = get_close_matches(text[:80], words, n=1)
    if near:
        return f"Did you mean `{near[0]}`?"
    if not words:
        return "Define it first, or remove the line."
    more = " ..." if len(words) > 12 else "."
    return f"Use one of: {', '.join(words[:12])}{more}"


def span_of(section: Section, key: str, *, required: bool = False, fixed: bool = False) -> Span | None:
    """Return a span of time longer than nothing; ``fixed`` refuses months and years, whose lengths differ."""
    text = section.required(key) if required else section.text(key)
    remedy = "Write a number and one of s, m, h, d, w, such as 30m." if fixed else "Write a span such as 7d or 1mo."
    if text is None:
        if required and key in section:
            note_empty(section, key, remedy)
        return None
    try:
        span = Span.parse(text)
    except ValueError as error:
        section.problem(key, str(error), remedy)
        return None
    if span == Span() or (fixed and span.months):
        why = "months and years have no fixed length" if span.months else "it takes no time at all"
        section.problem(key, why, remedy)
        return None
    return span


def whole_of(section: Section, key: str, *, default: int | None = None) -> int | None:
    """Return a whole number of at least 1, or the default where the key is missing."""
    if key not in section:
        return default
    raw = section.raw(key)
    if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 1:
        return int(raw)
    section.problem(key, "a whole number of at least 1 belongs here", f"Write `{key}: 1`, or more.")
    return None


def span_text(span: Span) -> str:
    """Write a span as it is stated in definitions.

    >>> span_text(Span.parse("48h")), span_text(Span.parse("90m")), span_text(Span.parse("12mo"))
    ('2d', '90m', '1y')
    """
    if span.months:
        return f"{span.months}mo" if span.months % 12 else f"{span.months // 12}y"
    return next(f"{span.fixed // size}{unit}" for size, unit in _UNITS if span.fixed % size == 0)
