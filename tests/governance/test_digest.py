"""The body digest: equal for equal bodies however written, different for different ones."""

from __future__ import annotations

import hmac
import json
from decimal import Context, Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from onefold.core.event import Event
from onefold.governance.digest import body_digest, canonical

KEY = b"key"
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text("ab1.", max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
)

big = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places, Context(prec=60)),
    st.integers(-(10**45), 10**45),
    st.integers(0, 45),
)


def event_of(**changes: Any) -> Event:
    fields: dict[str, Any] = {
        "node": "user:7",
        "name": "n",
        "time": 1,
        "message_id": "m",
        "properties": {"a": 1},
    }
    return Event(**{**fields, **changes})


def digest(value: Any) -> int:
    return body_digest(event_of(properties={"a": value}), KEY)


@settings(deadline=None)
@given(numbers, numbers)
def test_numbers_digest_alike_iff_they_are_equal(one: int | Decimal, two: int | Decimal) -> None:
    assert (digest(one) == digest(two)) == (one == two)


@pytest.mark.parametrize(
    "same",
    [
        [1, Decimal(1), Decimal("1.0"), Decimal("1.00"), Decimal("100E-2"), 1.0],
        [0, Decimal("0.00"), Decimal("-0"), Decimal("0E+5"), -0.0],
        [100, Decimal("1E+2"), Decimal("100.0")],
        [10**60, Decimal("1E+60"), Decimal(10**60)],
        [-(10**39), Decimal("-1E+39")],
        [0.1, Decimal("0.1"), Decimal("0.10")],
    ],
)
def test_however_a_number_is_written(same: list[Any]) -> None:
    assert len({digest(value) for value in same}) == 1


def test_what_looks_alike_differs() -> None:
    different = [
        1,
        True,
        "1",
        [1],
        {"a": 1},
        None,
        "true",
        "",
        [],
        {},
        [None],
        0,
        False,
        Decimal("0.1"),
        "0.1",
    ]
    assert len({digest(value) for value in different}) == len(different)


def test_huge_exponents_take_no_time() -> None:
    assert digest(Decimal("1E+400000000")) != digest(Decimal("1E+400000001"))


@settings(deadline=None)
@given(st.dictionaries(st.text("abc"), values, max_size=4))
def test_the_order_of_keys_is_irrelevant(properties: dict[str, Any]) -> None:
    turned = dict(reversed(properties.items()))
    assert body_digest(event_of(properties=properties), KEY) == body_digest(event_of(properties=turned), KEY)


@settings(deadline=None)
@given(values, values)
def test_other_values_digest_otherwise(one: Any, two: Any) -> None:
    texts = [json.dumps(value, sort_keys=True, default=str) for value in (one, two)]
    assume("Decimal" not in repr((one, two)))
    assert (digest(one) == digest(two)) == (texts[0] == texts[1])


def test_what_is_part_of_the_body() -> None:
    base = body_digest(event_of(), KEY)
    said: list[dict[str, Any]] = [
        {"name": "x"},
        {"time": 2},
        {"order": 1},
        {"alias": "anon:1"},
        {"properties": {"a": 2}},
    ]
    for change in said:
        assert body_digest(event_of(**change), KEY) != base
    beside: list[dict[str, Any]] = [{"context": {"ip": "x"}}, {"message_id": "x"}, {"node": "user:8"}]
    for change in beside:
        assert body_digest(event_of(**change), KEY) == base
    assert body_digest(event_of(), b"other key") != base
    assert 0 <= base < 2**32


def test_it_never_changes_from_release_to_release() -> None:
    event = event_of(properties={"b": Decimal("12.50"), "a": ["x", None, True], "č": {"z": 1, "y": -3}})
    assert body_digest(event, KEY) == GOLDEN


@settings(deadline=None)
@given(st.binary(max_size=200), st.dictionaries(st.text("abč"), st.none() | st.text() | st.booleans(), max_size=4))
def test_it_is_the_hmac_of_what_is_said(key: bytes, properties: dict[str, Any]) -> None:
    said = ["n", 1, 0, None, properties]
    whole = hmac.digest(key, msgspec.json.encode(said, order="sorted"), "sha256")
    assert body_digest(event_of(properties=properties), key) == int.from_bytes(whole[:4], "little")


def as_written(value: Decimal) -> bytes:
    """Return the digits without the zeros at either end, and the exponent that is left; whole numbers in full."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits)))
    while number and number % 10 == 0:
        number, exponent = number // 10, exponent + 1
    if not number:
        return b"0"
    minus, text = "-" * sign, str(number)
    if exponent >= 0 and len(text) + exponent <= 40:
        return f"{minus}{text}{'0' * exponent}".encode()
    return f"{minus}{text}e{exponent}".encode()


@settings(deadline=None, max_examples=500)
@given(st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(-(10**9), 10**9, places=2) | big)
def test_a_number_is_written_by_its_value_alone(value: Decimal) -> None:
    assert msgspec.json.encode(canonical(value)) == as_written(value)


def test_what_is_no_json_is_refused() -> None:
    for value in (Decimal("NaN"), float("inf"), object(), "\ud800"):
        with pytest.raises(ValueError):  # noqa: PT011 - of several origins
            digest(value)
    assert issubclass(msgspec.ValidationError, ValueError)


GOLDEN = 880722646
