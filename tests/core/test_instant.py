"""Instants and spans."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.core.instant import DAY, EARLIEST, HOUR, LATEST, MINUTE, Span, format_instant, from_datetime, to_datetime
from onefold.core.zone import zone


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30d", Span(fixed=30 * DAY)),
        ("48h", Span(fixed=48 * HOUR)),
        ("30m", Span(fixed=30 * MINUTE)),
        ("2w", Span(fixed=14 * DAY)),
        ("1mo", Span(months=1)),
        ("24mo", Span(months=24)),
        ("1y", Span(months=12)),
        ("250ms", Span(fixed=250_000)),
        ("7us", Span(fixed=7)),
    ],
)
def test_spans(text: str, span: Span) -> None:
    assert Span.parse(text) == span


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "30 d", "1M", "1mo2d", "9999999999d", "500y"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"span of time|longer than"):
        Span.parse(text)


@given(st.integers(EARLIEST, LATEST - 1))
def test_an_instant_survives_its_text(instant: int) -> None:
    assert zone("UTC").parse(format_instant(instant)) == instant
    assert from_datetime(to_datetime(instant)) == instant


def test_the_epoch() -> None:
    assert from_datetime(datetime(1970, 1, 1, tzinfo=UTC)) == 0
