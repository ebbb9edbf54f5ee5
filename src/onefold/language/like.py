"""LIKE in bounded time: % is any run, _ any one code point; nothing backtracks, so no pattern is slow."""

from __future__ import annotations

import re
from collections.abc import Callable


def matcher(pattern: str) -> Callable[[str], bool]:
    r"""Return the test of a pattern, in time at most proportional to length of text times length of pattern.

    >>> matcher("/mort_age%")("/mortgage/fixed"), matcher("a\\%")("a%")
    (True, False)
    """
    head, *rest = pattern.split("%")
    if not rest:
        whole = _piece(pattern)
        return lambda text: whole.fullmatch(text) is not None
    *middle, tail = rest
    if "_" not in pattern:
        return _plain(head, [part for part in middle if part], tail)
    first, last = _piece(head), _piece(tail)
    searches = [_piece(part) for part in middle if part]
    tail_length = len(tail)

    def matches(text: str) -> bool:
        at, end = len(head), len(text) - tail_length
        if at > end or first.match(text) is None or last.fullmatch(text, end) is None:
            return False
        for search in searches:
            found = search.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True

    return matches


def _piece(part: str) -> re.Pattern[str]:
    return re.compile("".join("." if character == "_" else re.escape(character) for character in part), re.DOTALL)


def _plain(head: str, middle: list[str], tail: str) -> Callable[[str], bool]:
    head_length, tail_length = len(head), len(tail)

    def matches(text: str) -> bool:
        at, end = head_length, len(text) - tail_length
        if at > end or not text.startswith(head) or not text.endswith(tail):
            return False
        for part in middle:
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    return matches
