from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.core.ids import NULL, text_code
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.sources.currencies import EXPONENTS, exponent_of
from onefold.sources.values import LARGEST, BadValue, decode, encode

MONEY = Property("amount", ValueType.MONEY, 2)
KINDS = {kind: Property("x", kind) for kind in ValueType}


def code_of(prop: Property, raw: object) -> str:
    with pytest.raises(BadValue) as caught:
        encode(prop, raw)
    assert caught.value.reason
    return caught.value.code


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (Decimal("12.34"), 1234),
        (Decimal("12.340000"), 1234),
        (12, 1200),
        (Decimal("1E+2"), 10000),
        (Decimal("-0.00"), 0),
        (Decimal("0E+99"), 0),
        (Decimal("1e-999999"), 0),
        (0.1 + 0.2, 30),
        (Decimal("12.3400000009"), 1234),
        (Decimal("90071992547409.91"), LARGEST),
    ],
)
def test_money_is_minor_units(raw: object, word: int) -> None:
    assert encode(MONEY, raw) == (word,)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (Decimal("12.345"), "too_precise"),
        (Decimal("12.340000002"), "too_precise"),
        (Decimal("90071992547409.92"), "overflow"),
        (Decimal("1e999999"), "overflow"),
        (10**40, "overflow"),
        ("12.34", "wrong_type"),
        (True, "wrong_type"),
        (float("nan"), "wrong_type"),
        (Decimal("Infinity"), "wrong_type"),
        ([], "wrong_type"),
    ],
)
def test_what_is_no_money(raw: object, code: str) -> None:
    assert code_of(MONEY, raw) == code


@settings(deadline=None)
@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=11),
    st.integers(0, 9),
)
def test_numbers_follow_the_rule_to_the_letter(raw: Decimal, scale: int) -> None:
    exact = Fraction(raw) * 10**scale
    nearest = round(exact)
    legal = abs(Fraction(raw) - Fraction(nearest, 10**scale)) <= Fraction(1, 10**9)
    prop = Property("n", ValueType.NUMBER, scale)
    if not legal:
        assert code_of(prop, raw) in ("too_precise", "overflow")
    elif abs(nearest) > LARGEST:
        assert code_of(prop, raw) == "overflow"
    else:
        assert encode(prop, raw) == (nearest,)
        assert decode(prop, (nearest,)) == Decimal(nearest).scaleb(-scale)


def test_categories_are_text_of_at_most_200_bytes() -> None:
    prop = KINDS[ValueType.CATEGORY]
    assert encode(prop, "travel") == (text_code("travel"),)
    assert encode(prop, "") == (text_code(""),)
    assert encode(prop, "ř" * 100) == (text_code("ř" * 100),)
    assert code_of(prop, "ř" * 101) == "too_long"
    assert code_of(prop, "\ud800") == "malformed"
    assert code_of(prop, 5) == "wrong_type"
    assert decode(prop, (text_code("travel"),), text="travel") == "travel"


def test_booleans_are_not_numbers() -> None:
    prop = KINDS[ValueType.BOOLEAN]
    assert (encode(prop, True), encode(prop, False)) == ((1,), (0,))
    assert [code_of(prop, raw) for raw in (1, 0, "true")] == ["wrong_type"] * 3


def test_dates() -> None:
    prop = KINDS[ValueType.DATE]
    assert encode(prop, "1970-01-02") == (1,)
    assert decode(prop, (1,)) == date(1970, 1, 2)
    assert encode(prop, "9999-12-31") == ((date(9999, 12, 31) - date(1970, 1, 1)).days,)
    for raw in ("2026-02-29", "2026-2-9", "20260209", "2026-05-04T00:00:00Z", 5, "２０２６-01-01"):
        assert code_of(prop, raw) == "malformed"


def test_instants_need_an_offset() -> None:
    prop = KINDS[ValueType.INSTANT]
    assert encode(prop, "1970-01-01T01:00:00+01:00") == (0,)
    moment = decode(prop, (1,))
    assert isinstance(moment, datetime)
    assert moment.microsecond == 1
    assert code_of(prop, "1970-01-01T01:00:00") == "malformed"
    assert code_of(prop, "1970-01-01") == "malformed"
    assert code_of(prop, "1600-01-01T00:00:00Z") == "out_of_range"
    assert code_of(prop, 0) == "wrong_type"


@pytest.mark.parametrize(
    ("raw", "micros"),
    [
        ("PT5M", 300_000_000),
        ("P1DT2H", 93_600_000_000),
        ("P2W", 14 * 86_400_000_000),
        ("-PT0.5S", -500_000),
        ("PT0S", 0),
        ("30m", 1_800_000_000),
        ("5d", 5 * 86_400_000_000),
    ],
)
def test_durations(raw: str, micros: int) -> None:
    prop = KINDS[ValueType.DURATION]
    assert encode(prop, raw) == (micros,)
    assert decode(prop, (micros,)) == timedelta(microseconds=micros)


def test_what_is_no_duration() -> None:
    prop = KINDS[ValueType.DURATION]
    assert [code_of(prop, raw) for raw in ("P1M", "P1Y", "1mo", "P", "PT", "5")] == ["malformed"] * 6
    assert code_of(prop, 300) == "wrong_type"
    assert code_of(prop, "PT999999999999S") == "overflow"


def test_places() -> None:
    prop = KINDS[ValueType.PLACE]
    words = (500_870_000, 144_210_000)
    for raw in (
        {"latitude": Decimal("50.087"), "longitude": Decimal("14.421")},
        {"lat": Decimal("50.087"), "lng": Decimal("14.421")},
        [Decimal("50.087"), Decimal("14.421")],
    ):
        assert encode(prop, raw) == words
    assert decode(prop, words) == (Decimal("50.0870000"), Decimal("14.4210000"))
    assert encode(prop, [Decimal("-50.08700005"), 0]) == (-500_870_001, 0)
    assert code_of(prop, [91, 0]) == "out_of_range"
    assert code_of(prop, {"latitude": 5}) == "malformed"
    assert code_of(prop, ["5", 5]) == "wrong_type"
    assert code_of(prop, "Prague") == "wrong_type"


def test_texts_and_lists_have_no_words() -> None:
    assert encode(KINDS[ValueType.TEXT], "x" * 10_000) == ()
    assert encode(KINDS[ValueType.LIST], [{"sku": "a"}]) == ()
    assert code_of(KINDS[ValueType.TEXT], 5) == "wrong_type"
    assert code_of(KINDS[ValueType.LIST], ["a"]) == "wrong_type"


def test_null_words_mean_nothing() -> None:
    assert all(decode(prop, (NULL, NULL)) is None for prop in KINDS.values())


def test_currencies() -> None:
    assert (exponent_of("CZK"), exponent_of("JPY"), exponent_of("KWD"), exponent_of("CLF")) == (2, 0, 3, 4)
    assert exponent_of("czk") is None
    assert set(EXPONENTS.values()) == {0, 2, 3, 4}
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)
