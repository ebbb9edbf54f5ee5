from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from onefold.profiles import words

INT64 = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(INT64, max_size=20))
def test_times_survive_packing_and_their_bytes_sort(times: list[int]) -> None:
    packed = words.pack_times(np.array(times, dtype=np.int64))
    assert words.unpack_times(packed).tolist() == times
    by_bytes = sorted(range(len(times)), key=lambda at: packed[at].tobytes())
    assert [times[at] for at in by_bytes] == sorted(times)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_ordered_is_its_own_inverse(values: list[int]) -> None:
    array = np.array(values, dtype=np.uint64)
    assert words.ordered(words.ordered(array)).tolist() == values


@given(st.integers(0, 0xFFFF), st.integers(0, words.MAX_PART), st.integers(0, 2**32 - 1))
def test_the_fields_of_the_kind_word_are_apart(code: int, part: int, digest: int) -> None:
    rows = np.zeros((1, 8), dtype=np.uint64)
    rows[0, words.KIND] = code | words.part_bits(part) | digest << 32
    read = (words.codes_of(rows)[0], words.parts_of(rows)[0], words.digests_of(rows)[0])
    assert read == (code, part, digest)
