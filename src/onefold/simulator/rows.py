"""Rows of a raw file: columns of a block, sorted by customer and time, and their text as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from onefold.simulator.arrays import Flags, Ints, Texts, ordinals, texts
from onefold.simulator.period import as_dates, as_times


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in the making: whose they are (the index in the block), when, and columns of text.

    ``when`` is seconds where ``timed``, else days since 1970-01-01, on the bank's clock.
    """

    owner: Ints
    when: Ints
    columns: Mapping[str, Texts]
    timed: bool = True

    def only(self, keep: Flags) -> Rows:
        """Return some of the rows."""
        kept = {name: column[keep] for name, column in self.columns.items()}
        return Rows(self.owner[keep], self.when[keep], kept, self.timed)


def joined(parts: Sequence[Rows]) -> Rows:
    """Return rows of the same columns as one; a column that a part lacks is empty there."""
    names = list(dict.fromkeys(name for part in parts for name in part.columns))
    columns = {
        name: np.concatenate([part.columns.get(name, _empty(len(part.owner))) for part in parts]) for name in names
    }
    owner, when = (np.concatenate([getattr(part, key) for part in parts]) for key in ("owner", "when"))
    return Rows(owner, when, columns, parts[0].timed)


def ordered(rows: Rows, *, size: int) -> Rows:
    """Return the rows of the first ``size`` customers, by customer and time."""
    at = np.lexsort((rows.when, rows.owner))
    at = at[rows.owner[at] < size]
    return Rows(rows.owner[at], rows.when[at], {name: each[at] for name, each in rows.columns.items()}, rows.timed)


def to_csv(rows: Rows, customers: Texts, *, id_by: str) -> str:
    r"""Write ordered rows as lines of CSV: customer, the row's id, the time, then the columns.

    The id is the customer's with the text of the column ``id_by``; where there is no such column, with ``id_by`` as a
    letter and the row's place among the customer's. No text here holds a comma, quote or line break.

    >>> from onefold.simulator.arrays import texts
    >>> rows = Rows(np.array([0, 0]), np.array([0, 1]), {"kind": texts(["a", "b"])}, timed=False)
    >>> to_csv(rows, texts(["c00001"]), id_by="t")
    'c00001,c00001-t1,1970-01-01,a\nc00001,c00001-t2,1970-01-02,b\n'
    """
    names = customers[rows.owner].tolist()
    tails = rows.columns[id_by].tolist() if id_by in rows.columns else _counted(id_by, rows.owner)
    own = [f"{name}-{tail}" for name, tail in zip(names, tails, strict=True)]
    moments = as_times(rows.when) if rows.timed else as_dates(rows.when)
    columns = [names, own, moments, *(column.tolist() for column in rows.columns.values())]
    return "".join([",".join(cells) + "\n" for cells in zip(*columns, strict=True)])


def _counted(letter: str, owner: Ints) -> list[str]:
    return [f"{letter}{at}" for at in (ordinals(owner) + 1).tolist()]


def cents(amount: Ints) -> Texts:
    """Write cents as an amount.

    >>> cents(np.array([1234, 5])).tolist()
    ['12.34', '0.05']
    """
    return texts([f"{one // 100}.{one % 100:02d}" for one in amount.tolist()])


def numbers(values: Ints) -> Texts:
    """Write whole numbers."""
    return texts([str(one) for one in values.tolist()])


def dates(day: Ints, *, known: Flags) -> Texts:
    """Write days; nothing where they are not known."""
    return np.where(known, texts(as_dates(day)), "").astype(object)


def same(word: str, count: int) -> Texts:
    """Return one word so many times."""
    return np.full(count, word, object)


def _empty(count: int) -> Texts:
    return same("", count)
