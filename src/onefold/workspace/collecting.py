"""Python's search for garbage in cycles, made rarer while very many objects are made that are in none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS = 50_000


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for cycles after every 50,000 objects that outlive their makers, not after 700.

    A load makes a million objects in some seconds, and reference counts free them all; looking at each of them
    again and again took a fifth of its time.

    >>> with collecting_seldom():
    ...     gc.get_threshold()[0] >= 50_000
    True
    """
    first, second, third = before = gc.get_threshold()
    gc.set_threshold(max(first, _OBJECTS) if first else 0, second, third)  # 0: whoever switched it off, knew why
    try:
        yield
    finally:
        gc.set_threshold(*before)
