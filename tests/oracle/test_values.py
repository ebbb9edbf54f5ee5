"""Raw values: the oracle's reading against the encoder of the timelines; both take or refuse, and mean the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onefold.core.instant import days_of, from_datetime
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.oracle.events import Value
from onefold.oracle.values import exact
from onefold.sources import values

TYPES = [kind for kind in ValueType if kind not in (ValueType.TEXT, ValueType.LIST, ValueType.PLACE)]
NUMBERS = st.one_of(
    st.integers(-(2**60), 2**60),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18),
    st.sampled_from(["1e-9", "1.0000000009", "1.0000000011", "0E+99999999", "1E-99999999", "9007199254740991", "1E400"])
    .map(Decimal),
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=3),
    st.sampled_from(["x" * 200, "x" * 201, "č" * 101]),
    st.dates().map(str),
    st.datetimes(timezones=st.just(None) | st.timezones(), allow_imaginary=False).map(datetime.isoformat),
    st.sampled_from(
        "2026-05-04T09:00Z 2026-05-04 20260504 2026-02-30 1699-12-31T00:00:00Z PT5M P1DT2H -P1W PT1.5S PT 30m 5d "
        "1mo 1y P99999999999D PT9999999999S 2026-05-04T09:00:00.1234567Z".split()
    ),
)
RAW: st.SearchStrategy[Any] = st.one_of(NUMBERS, TEXTS, st.booleans(), st.just([]), st.just({}))


def meant(prop: Property, raw: Any) -> Value:
    """Return what the encoder's words mean, as an exact value."""
    found = values.decode(prop, values.encode(prop, raw), text=raw)
    if isinstance(found, Decimal):
        return Fraction(found) * (10**prop.scale if prop.type is ValueType.MONEY else 1)
    if isinstance(found, datetime):
        return from_datetime(found)
    if isinstance(found, timedelta):
        return found // timedelta(microseconds=1)
    if found is None or isinstance(found, bool | str | tuple):
        assert not isinstance(found, tuple)
        return found
    return days_of(found)


@settings(max_examples=3_000, deadline=None)
@given(st.sampled_from(TYPES), st.sampled_from([0, 2, 6]), RAW)
@example(ValueType.INSTANT, 0, "2026-05-04T09:00:00Z")
def test_what_one_takes_the_other_takes_and_it_means_the_same(kind: ValueType, scale: int, raw: Any) -> None:
    prop = Property("x", kind, scale)
    try:
        wanted = meant(prop, raw)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - which words it uses is its own affair
            exact(prop, raw)
        return
    assert exact(prop, raw) == wanted


@pytest.mark.parametrize(
    ("raw", "fits"),
    [
        ({"latitude": 50, "longitude": Decimal("14.4")}, True), ([50, 14], True), ({"lat": 1, "lng": 2}, True),
        ({"lat": 91, "lng": 2}, False), ({"lat": 1}, False), ([1, 2, 3], False), ("50,14", False), (["1", "2"], False),
    ],
)  # fmt: skip
def test_places_are_checked_as_the_encoder_does(raw: Any, fits: bool) -> None:
    prop = Property("at", ValueType.PLACE)
    for read in (exact, values.encode):
        if fits:
            read(prop, raw)
        else:
            with pytest.raises(ValueError):  # noqa: PT011
                read(prop, raw)
