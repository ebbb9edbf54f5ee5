"""What of a plan depends on the data: the code sets of LIKE over the texts seen so far, and masks over rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NULL
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.features import tables
from onefold.features.lower import Test
from onefold.features.plan import Plan
from onefold.features.texts import TextTable
from onefold.language.columns import Column, Floats, true_mask
from onefold.language.lineage import names_of
from onefold.language.to_numpy import to_numpy
from onefold.language.to_python import to_python
from onefold.profiles.words import KIND, SLOTS, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Programs:
    """The filter programs of a plan as the kernel reads them, over a number of known texts."""

    leaves: NDArray[np.int64]
    sets: NDArray[np.int64]
    texts: int


def bind(plan: Plan, texts: TextTable, before: Programs | None = None) -> Programs:
    """Lay out leaves and sets; what was laid out before is returned where no new text can change it."""
    if before is not None and (before.texts == len(texts) or not plan.depends_on_texts):
        return before
    sets: list[int] = []
    rows = []
    masks = 0
    for test in plan.tests:
        word, low, high = test.word, test.low, test.high
        if test.kind in (tables.IN_SET, tables.NOT_IN_SET):
            low = len(sets)
            sets += codes_of_test(test, texts)
            high = len(sets)
        elif test.kind == tables.MASK:
            word, masks = masks, masks + 1
        rows.append((test.kind, word, low, high, int(test.null), test.on_true, test.on_false))
    leaves = np.array(rows, np.int64).reshape(len(rows), 7)
    return Programs(leaves, np.array(sets, np.int64), len(texts))


def codes_of_test(test: Test, texts: TextTable) -> list[int]:
    """Return the codes of the texts that a test of a category looks for, sorted."""
    if test.texts is None:
        return sorted(test.codes)
    true = to_python(test.texts)
    return sorted(code for code, text in texts.items() if true({test.text_name: text}, 0) is True)


def masks_of(plan: Plan, rows: Rows, texts: TextTable, today: int) -> NDArray[np.uint8]:
    """Work out, for every row, the tests that are no test of a single slot; (rows, number of such tests)."""
    masks = np.zeros((len(rows) if plan.mask_sources else 0, len(plan.mask_sources)), np.uint8)
    for column, (at, source) in enumerate(plan.mask_sources.items()):
        node = plan.tests[at].mask
        assert node is not None
        places = np.flatnonzero((rows[:, KIND] & np.uint64(0xFFFF)) == plan.layout.code(source))
        if len(places):
            slots = rows[places, SLOTS:].view(np.int64)
            columns = _columns(plan, source, names_of(node), slots, texts)
            masks[places, column] = true_mask(to_numpy(node)(columns, today, len(places)))
    return masks


def _columns(
    plan: Plan, source: str, names: frozenset[str], slots: NDArray[np.int64], texts: TextTable
) -> dict[str, Column]:
    shape = plan.layout.schema.source(source)
    assert shape is not None
    at = plan.layout.slots(source)
    return {known.name: column_of(slots[:, at[known.name]], known, texts) for known in shape.properties
            if known.name in names}  # fmt: skip


def column_of(words: NDArray[np.int64], known: Property, texts: TextTable) -> Column:
    """Return words as the column that expressions see."""
    if known.type is ValueType.CATEGORY:
        return texts.column(words)
    values = words.astype(np.float64)
    if known.type is ValueType.NUMBER and known.scale:
        values /= 10.0**known.scale
    values[words == NULL] = np.nan
    return Floats(values)
