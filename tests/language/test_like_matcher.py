"""The matcher against the plain recursive definition of LIKE."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.language.like import matcher


@cache
def by_definition(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(by_definition(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and by_definition(pattern[1:], text[1:])


@settings(deadline=None, max_examples=500)
@given(st.text("ab%_.*\\\n", max_size=7), st.text("ab%_.*\\\n😀", max_size=8))
def test_like_is_as_defined(pattern: str, text: str) -> None:
    assert matcher(pattern)(text) is by_definition(pattern, text)


def test_no_pattern_is_slow() -> None:
    assert not matcher("%a" * 2000 + "%b%")("a" * 20_000)
    assert not matcher("%_a" * 500 + "%b%")("a" * 5_000)
