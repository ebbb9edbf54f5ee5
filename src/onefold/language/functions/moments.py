"""TO_DATE and TO_INSTANT: texts of a stated format as dates and instants; NULL where they do not match it.

A format knows %Y (four digits), %y (two: 69 to 99 are 19xx, the others 20xx), %m %d %H %M %S (one or two
digits), %f (one to six: the fraction of a second) and %%; everything else stands for itself. It is turned
into one regular expression that Python and DuckDB share. The wall clock of TO_INSTANT is taken as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from onefold.core.instant import DAY, from_datetime
from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, gather, texts_of
from onefold.language.functions import sql
from onefold.language.functions.base import (
    Function,
    Reach,
    Typed,
    constant_text,
    expect_count,
    expect_kind,
    register,
    text_of,
)
from onefold.language.functions.texts import per_row
from onefold.language.refusal import Refusal
from onefold.language.values import Evaluate

_DIRECTIVES = {
    "Y": "000[1-9]|00[1-9][0-9]|0[1-9][0-9][0-9]|[1-9][0-9][0-9][0-9]",
    "y": "[0-9][0-9]",
    "m": "1[0-2]|0[1-9]|[1-9]",
    "d": "3[01]|[12][0-9]|0[1-9]|[1-9]",
    "H": "2[0-3]|[01][0-9]|[0-9]",
    "M": "[0-5][0-9]|[0-9]",
    "S": "[0-5][0-9]|[0-9]",
    "f": "[0-9][0-9]?[0-9]?[0-9]?[0-9]?[0-9]?",
}
_SPECIAL = frozenset(r"\.^$*+?{}[]|()")


def pattern_of(template: str) -> tuple[str, str]:
    """Return the regular expression of a format and the letters of its groups; raise :class:`Refusal`.

    >>> pattern_of("%d.%m.%Y")[1]
    'dmY'
    """
    pieces, letters, characters = [], "", iter(template)
    for character in characters:
        if character != "%":
            pieces.append("\\" + character if character in _SPECIAL else character)
            continue
        letter = next(characters, "")
        if letter == "%":
            pieces.append("%")
        elif letter not in _DIRECTIVES or letter in letters or not letter:
            raise Refusal(
                f"`%{letter}` cannot stand in this format",
                "Use each of %Y %y %m %d %H %M %S %f at most once.",
                operand=1,
            )
        else:
            pieces.append(f"({_DIRECTIVES[letter]})")
            letters += letter
    if ("Y" in letters) == ("y" in letters) or not {"m", "d"} <= set(letters):
        raise Refusal("the format does not name a day", "It needs %m, %d and one of %Y and %y.", operand=1)
    return "".join(pieces), letters


def _typed(arguments: Sequence[Node], kind: Kind, usage: str) -> Typed:
    expect_count(arguments, 2, 2, usage=usage)
    expect_kind(arguments, 0, Kind.CATEGORY)
    template = constant_text(arguments, 1)
    if len(template) > 100:
        raise Refusal("the format is longer than 100 characters", "Shorten it.", operand=1)
    pattern_of(template)
    return tuple(arguments), kind


def reader(template: str, *, whole_days: bool) -> Callable[[str], float | None]:
    """Return the function that reads one text: to days since 1970-01-01, or to microseconds.

    >>> reader("%y%m%d", whole_days=True)("700102")
    1.0
    """
    pattern, letters = pattern_of(template)
    compiled = re.compile(pattern)

    def read(text: str) -> float | None:
        match = compiled.fullmatch(text)
        if match is None:
            return None
        parts = dict(zip(letters, match.groups(), strict=True))
        hour, minute, second = (int(parts.get(letter, "0")) for letter in "HMS")
        fraction = int(parts.get("f", "0").ljust(6, "0"))
        try:
            moment = datetime(
                _year(parts), int(parts["m"]), int(parts["d"]), hour, minute, second, fraction, tzinfo=UTC
            )
        except ValueError:  # no such day in that month
            return None
        instant = from_datetime(moment)
        return float(instant // DAY if whole_days else instant)

    return read


def _year(parts: dict[str, str]) -> int:
    if "Y" in parts:
        return int(parts["Y"])
    year = int(parts["y"])
    return year + (1900 if year >= 69 else 2000)


def _sql(call: Call, arguments: Sequence[str], *, whole_days: bool) -> str:
    """Rewrite the text as ISO 8601 by its groups, complete years of two digits, and cast."""
    pattern, letters = pattern_of(text_of(call, 1))
    anchored = sql.text(f"^(?:{pattern})$")
    group = {letter: f"\\{at}" for at, letter in enumerate(letters, 1)}
    iso = f"{group.get('Y') or group['y']}-{group['m']}-{group['d']}"
    if not whole_days:
        iso += " " + ":".join(group.get(letter, "0") for letter in "HMS") + f".{group.get('f', '0')}"
    # What does not match is extracted as '', which no cast accepts.
    written = f"regexp_replace(regexp_extract({arguments[0]}, {anchored}), {anchored}, {sql.text(iso)})"
    if "y" in letters:
        written = f"regexp_replace({written}, '^(69|[789][0-9])-', '19\\1-')"
        written = f"regexp_replace({written}, '^([0-6][0-9])-', '20\\1-')"
    if whole_days:
        return f"CAST(TRY_CAST({written} AS DATE) - DATE '1970-01-01' AS DOUBLE)"
    return f"CAST(epoch_us(TRY_CAST({written} AS TIMESTAMP)) AS DOUBLE)"


def _register(name: str, kind: Kind, phrase: str) -> None:
    whole_days = kind is Kind.DATE

    def python(call: Call, arguments: Sequence[Evaluate]) -> Evaluate:
        return per_row(arguments[0], reader(text_of(call, 1), whole_days=whole_days))

    def numpy(call: Call, arguments: Sequence[Column]) -> Column:
        return gather(texts_of(arguments[0]), reader(text_of(call, 1), whole_days=whole_days))

    register(
        Function(
            name=name,
            reach=Reach.MAPPING,
            typed=lambda arguments, _: _typed(arguments, kind, f"{name}(text, '%Y-%m-%d')"),
            python=python,
            numpy=numpy,
            sql=lambda call, arguments: _sql(call, arguments, whole_days=whole_days),
            sentence=lambda arguments: f"{arguments[0]} as {phrase}",
        )
    )


_register("TO_DATE", Kind.DATE, "a date")
_register("TO_INSTANT", Kind.INSTANT, "an instant")
