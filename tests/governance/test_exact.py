"""Exact JSON: a Decimal is read back as the same Decimal."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.governance.exact import exact, is_exact

ENCODER = msgspec.json.Encoder(decimal_format="number")
DECODER = msgspec.json.Decoder(float_hook=Decimal)


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_keeps_every_digit(value: Decimal) -> None:
    read = DECODER.decode(msgspec.json.encode(exact([value])))[0]
    assert (type(read), read.as_tuple()) == (Decimal, value.as_tuple())


@settings(deadline=None)
@given(st.integers())
def test_an_integer_stays_one(value: int) -> None:
    read = DECODER.decode(msgspec.json.encode(exact({"n": value})))["n"]
    assert (type(read), read) == (int, value)


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(-9, 9)
numbers = st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(-999, 999, places=2)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=2), scalars | numbers | st.lists(numbers, max_size=1), max_size=3))
def test_what_is_exact_already_needs_no_help(values: dict[str, object]) -> None:
    if is_exact(values):
        assert ENCODER.encode(values) == ENCODER.encode(exact(values))
    else:
        assert any(type(value) in (list, float, Decimal) for value in values.values())


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "5", "1E+3", "1E-9"])
def test_numbers_without_a_point_are_looked_at_again(value: str) -> None:
    assert not is_exact({"a": 1, "b": Decimal(value)})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("inf"), b"bytes", {1, 2}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        exact(value)
