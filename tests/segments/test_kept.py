"""What is kept of durations gives back the kernel's own doubles."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from onefold.core.ids import NULL
from onefold.core.instant import DAY, EARLIEST, LATEST
from onefold.segments.kept import anchored, unanchored

INSTANTS = st.integers(EARLIEST, LATEST)
AGO = st.one_of(st.integers(-(2**52) + 1, 2**52 - 1), st.integers(-10 * DAY, 10 * DAY))


@given(
    now=INSTANTS, lengths=st.lists(AGO, min_size=1, max_size=50), falls=st.booleans(), later=st.integers(0, 400 * DAY)
)
def test_durations_count_from_the_same_instant_ever_after(
    now: int, lengths: list[int], falls: bool, later: int
) -> None:
    days = np.array([*(length / DAY for length in lengths), np.nan])
    anchors, sure = anchored(days, now, falls=falls)
    assert sure.all()
    assert anchors.tolist() == [*(now + length if falls else now - length for length in lengths), NULL]
    then = [(anchor - now - later if falls else now + later - anchor) / DAY for anchor in anchors[:-1].tolist()]
    found = unanchored(anchors, now + later, falls=falls)
    assert found[:-1].tolist() == then
    assert np.isnan(found[-1])


@given(now=INSTANTS, length=st.integers(2**52, 2**62))
def test_what_a_double_cannot_tell_is_not_sure(now: int, length: int) -> None:
    _, sure = anchored(np.array([length / DAY, -length / DAY, 1.0]), now, falls=False)
    assert sure.tolist() == [False, False, True]
