from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.core.ids import NULL, text_code
from onefold.features import texts as module
from onefold.features.texts import TextTable

CODES = st.one_of(
    st.integers(NULL + 1, 2**63 - 1), st.integers(-3, 3), st.integers(2**63 - 4, 2**63 - 1), st.just(NULL + 1)
)


@given(known=st.lists(CODES, unique=True, max_size=40), asked=st.lists(st.one_of(CODES, st.just(NULL)), max_size=40))
@pytest.mark.parametrize("bits", [1, 4, 20])
def test_a_column_holds_the_text_of_each_code(bits: int, known: list[int], asked: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_BITS", bits)
        table = TextTable((code, f"text {code}") for code in known)
        wanted = np.array([*asked, *known], np.int64)
        column = table.column(wanted)
        found = [None if at < 0 else column.texts[at] for at in column.indices.tolist()]
        assert found == [table.text(code) if code != NULL else None for code in wanted.tolist()]


def test_texts_that_come_later_are_found() -> None:
    table = TextTable()
    for number in range(300):
        table.add([(text_code(f"t{number}"), f"t{number}")])
        found = table.column(np.array([text_code(f"t{at}") for at in range(number + 1)]))
        assert [found.texts[at] for at in found.indices.tolist()] == [f"t{at}" for at in range(number + 1)]
