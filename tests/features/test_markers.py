"""What makes a marker, against plain counting."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from onefold.features.markers import median_of, percentile_in, share_in, surprise_of, thinned

NUMBERS = st.lists(st.one_of(st.integers(-3, 3), st.floats(-1e6, 1e6)).map(float), min_size=1, max_size=40)


@given(numbers=NUMBERS, value=st.one_of(st.integers(-4, 4), st.floats(-1e6, 1e6)).map(float))
def test_percentile_share_and_median_are_what_counting_says(numbers: list[float], value: float) -> None:
    values = np.sort(np.array(numbers))
    below, equal = sum(one < value for one in numbers), sum(one == value for one in numbers)
    assert math.isclose(percentile_in(values, value), (below + equal / 2) / len(numbers))
    assert share_in(values, value) == equal / len(numbers)
    ordered = sorted(numbers)
    assert median_of(values) == (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


@given(numbers=st.lists(st.integers(-50, 50), min_size=1, max_size=400), value=st.integers(-51, 51))
def test_few_of_many_values_tell_nearly_the_same(numbers: list[int], value: int) -> None:
    values, most = np.sort(np.array(numbers, np.float64)), 50
    few = thinned(values, most)
    assert len(few) == min(most, len(values))
    assert (few[0], few[-1]) == (values[0], values[-1])
    assert set(few.tolist()) <= set(values.tolist())
    assert abs(percentile_in(few, value) - percentile_in(values, value)) <= 1.5 / most
    assert abs(share_in(few, value) - share_in(values, value)) <= 1.5 / most


@given(share=st.floats(0, 1), people=st.integers(1, 10**9))
def test_nobody_is_infinitely_surprising(share: float, people: int) -> None:
    assert 0 <= surprise_of(share, people) <= math.log2(people) + 1e-9
