"""The names that a mapping's expressions may use: any column of the file, and ``lookup.column``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from onefold.language.ast import Kind
from onefold.sources.names import MAX_NAME, event_name

_COLUMN = re.compile(r"[a-z][a-z0-9_]*")


class ColumnNames(Mapping[str, Kind]):
    """Kinds of columns by name; a column that is not listed is text.

    Files are not at hand when a mapping is checked, so any snake-case name may be a column; whether it is one
    is found when the file is opened.

    >>> names = ColumnNames({"amount": Kind.MONEY}, {"owner": {}})
    >>> names["amount"], names["k_symbol"], names["owner.client_id"], "other.client_id" in names
    (<Kind.MONEY: 'money'>, <Kind.CATEGORY: 'category'>, <Kind.CATEGORY: 'category'>, False)
    """

    def __init__(self, columns: Mapping[str, Kind], lookups: Mapping[str, Mapping[str, Kind]]) -> None:
        self._columns = columns
        self._lookups = lookups

    def __getitem__(self, name: str) -> Kind:
        head, dot, tail = name.partition(".")
        if not dot:
            if not is_column(name):
                raise KeyError(name)
            return self._columns.get(name, Kind.CATEGORY)
        if head not in self._lookups or not is_column(tail):
            raise KeyError(name)
        return self._lookups[head].get(tail, Kind.CATEGORY)

    def __iter__(self) -> Iterator[str]:
        yield from self._columns
        for lookup, columns in self._lookups.items():
            yield from (f"{lookup}.{name}" for name in columns)

    def __len__(self) -> int:
        return len(self._columns) + sum(len(columns) for columns in self._lookups.values())


def is_column(name: str) -> bool:
    """Tell whether a text can be the name of a column in an expression."""
    return _COLUMN.fullmatch(name) is not None


def column_name(header: str, position: int) -> str:
    """Return what a column is called in a mapping: its header in snake case.

    ``position`` counts from 1 and names a column without a header.

    >>> column_name("no. of inhabitants ", 4), column_name("", 5), column_name("2nd income", 6)
    ('no_of_inhabitants', 'column_5', 'c_2nd_income')
    """
    folded = "".join(sign if sign.isascii() else "_" for sign in event_name(header))
    name = event_name(folded)[:MAX_NAME].strip("_")
    if not name:
        return f"column_{position}"
    return name if name[0].isalpha() else f"c_{name}"


def column_names(headers: Iterable[str]) -> tuple[str, ...]:
    """Return the names of all columns; raise ``ValueError`` where two would be the same."""
    found: dict[str, str] = {}
    for position, header in enumerate(headers, 1):
        name = column_name(header, position)
        if name in found:
            raise ValueError(f"the columns {found[name]!r} and {header!r} would both be called `{name}`")
        found[name] = header
    return tuple(found)
