"""Typed columns: the text of a field -> number, money, date or boolean, as SQL that gives NULL for what is
none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from onefold.language.ast import Call, Kind, Literal, Name
from onefold.language.to_duckdb import quote_identifier, to_duckdb
from onefold.sources.mapping import Column
from onefold.sources.values import LARGEST

_DIRECTIVE = re.compile(r"%[YymdHMSf]")
_ADJACENT = re.compile(r"%[YymdHMSf]%[YymdHMSf]")


def quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def raw_name(column: str) -> str:
    """Return what a column's text is called inside the queries."""
    return quote_identifier(f"r:{column}")


def typed_name(column: str) -> str:
    """Return what a column's typed value is called inside the queries."""
    return quote_identifier(f"v:{column}")


def parsed_name(column: str) -> str:
    """Return what the number in a column's text is called, before it is checked against its bounds."""
    return quote_identifier(f"d:{column}")


def typed_source(columns: Sequence[Column], *, money_scale: int) -> str:
    """Return the table ``batch`` with ``v:column`` for every typed column but instants, which it holds
    already.

    Numbers are parsed in an inner query, so that the outer one can use each several times.
    """
    inner = ["*"]
    outer = ["*"]
    for column in columns:
        text = f"trim({raw_name(column.name)})"
        if column.kind is Kind.NUMBER:
            inner.append(f"TRY_CAST({_digits(text, column)} AS DOUBLE) AS {parsed_name(column.name)}")
        if column.kind is Kind.MONEY:
            inner.append(f"{_digits(text, column)} AS {parsed_name(column.name)}")
        if column.kind not in (Kind.CATEGORY, Kind.INSTANT):
            outer.append(f"{_cast(column, text, money_scale)} AS {typed_name(column.name)}")
    source = f"(SELECT {', '.join(inner)} FROM batch)"  # noqa: S608 - names are quoted, texts escaped
    return f"(SELECT {', '.join(outer)} FROM {source})"  # noqa: S608


def _cast(column: Column, text: str, money_scale: int) -> str:
    number = parsed_name(column.name)
    if column.kind is Kind.MONEY:
        return _money(number, money_scale)
    if column.kind is Kind.NUMBER:
        return f"CASE WHEN abs({number}) <= {LARGEST} THEN {number} END"
    if column.kind is Kind.DATE:
        formats = column.formats or ("%Y-%m-%d",)
        return f"coalesce({', '.join(moment(text, form, Kind.DATE) for form in formats)})"
    true, false = (", ".join(quoted(word.lower()) for word in words) for words in (column.yes, column.no))
    return f"CASE WHEN lower({text}) IN ({true}) THEN TRUE WHEN lower({text}) IN ({false}) THEN FALSE END"


def _digits(text: str, column: Column) -> str:
    """Return the SQL of a number in plain digits with a point; NULL where the text is written in another
    way.
    """
    if column.decimal == "." and not column.group:
        return f"CASE WHEN NOT contains({text}, '_') THEN {text} END"  # DuckDB reads 1_000 as a number
    decimal = re.escape(column.decimal)
    if column.group:
        group = "[ \u00a0\u202f]" if column.group == " " else re.escape(column.group)
        pattern = rf"[+-]?([0-9]+|[0-9]{{1,3}}({group}[0-9]{{3}})+)({decimal}[0-9]*)?"
        plain = f"regexp_replace({text}, {quoted(group)}, '', 'g')"
    else:
        pattern = rf"[+-]?([0-9]+({decimal}[0-9]*)?|{decimal}[0-9]+)"
        plain = text
    plain = f"replace({plain}, {quoted(column.decimal)}, '.')"
    return f"CASE WHEN regexp_full_match({text}, {quoted(pattern)}) THEN {plain} END"


def _money(digits: str, scale: int) -> str:
    """Return minor units, exact; NULL for more decimals than the currency has (beyond 1e-9) and for overflow.

    An amount of at most 10 digits with no more decimals than there may be takes a short way: the nearest whole
    number to its double is exact. All others are decimals of 38 digits.
    """
    pattern = quoted(rf"[+-]?[0-9]{{1,10}}(\.[0-9]{{0,{scale}}})?")
    short = f"round(CAST({digits} AS DOUBLE) * {10**scale})"
    exact = f"TRY_CAST({digits} AS DECIMAL(38, 12))"
    rounded = f"CAST({exact} AS DECIMAL(22, {scale}))"
    minor = f"CAST({rounded} * {10**scale} AS BIGINT)"
    return (
        f"CASE WHEN {digits} IS NULL THEN NULL WHEN regexp_full_match({digits}, {pattern}) THEN {short}"
        f" WHEN abs({exact}) < {10 ** (16 - scale)} AND abs({exact} - {rounded}) <= 0.000000001"
        f" THEN CASE WHEN abs({minor}) <= {LARGEST} THEN CAST({minor} AS DOUBLE) END END"
    )


def moment(text: str, form: str, kind: Kind) -> str:
    """Return the SQL of a text read by a format: days (date) or microseconds (instant); NULL for no match.

    Digits that adjoin (``%y%m%d``) must all be there; with a sign between them, 8.8.1997 is as good as
    08.08.1997.
    """
    function = "TO_DATE" if kind is Kind.DATE else "TO_INSTANT"
    call = Call(function, (Name("text", Kind.CATEGORY), Literal(form, Kind.CATEGORY)), kind)
    found = to_duckdb(call, today=0, column=lambda _: text)
    if _ADJACENT.search(form) and "%f" not in form:
        width = len(_DIRECTIVE.sub("00", form.replace("%Y", "0000")).replace("%%", "%"))
        return f"CASE WHEN length({text}) = {width} THEN {found} END"
    return found
