"""Exact JSON: a Decimal is read back as the same Decimal."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.governance.exact import exact

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


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("inf"), b"bytes", {1, 2}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        exact(value)
