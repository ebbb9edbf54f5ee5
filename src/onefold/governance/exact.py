"""JSON that gives back what it was given: ``int`` stays ``int`` and ``Decimal`` stays ``Decimal``, digit for
digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

_PLAIN = frozenset({str, int, bool, type(None)})


def is_exact(values: Mapping[str, Any]) -> bool:
    """Whether an encoder that writes Decimals as numbers writes these values just as :func:`exact` has it.

    It looks at the values alone, not into them: True for what most events hold, texts and amounts with decimals.

    >>> is_exact({"amount": Decimal("5.00"), "count": 5}), is_exact({"amount": Decimal("5")}), is_exact({"tags": []})
    (True, False, False)
    """
    for value in values.values():
        kind = type(value)
        if kind not in _PLAIN and not (kind is Decimal and "." in str(value)):
            return False
    return True


def exact(value: Any) -> Any:
    """Return a JSON value whose Decimals are written so that they are read back as the same Decimals.

    A reader takes a number with a point or an exponent for a Decimal, so a whole one gets the exponent 0. A
    float is written as its shortest decimal form and read back as that Decimal. Raises ``ValueError`` for
    numbers that are not finite and for what is no JSON value.

    >>> msgspec.json.encode(exact({"whole": Decimal("5"), "cents": Decimal("5.00"), "count": 5}))
    b'{"whole":5e0,"cents":5.00,"count":5}'
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Decimal:
        return _raw(value)
    if kind is dict:
        return {key: exact(inner) for key, inner in value.items()}
    if kind in (list, tuple):
        return [exact(inner) for inner in value]
    if kind is float:
        return _raw(Decimal(repr(value)))
    raise ValueError(f"a {kind.__name__} is not a JSON value")


def _raw(value: Decimal) -> msgspec.Raw:
    text = str(value)
    if "." in text or "E" in text:
        return msgspec.Raw(text.encode())
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return msgspec.Raw(f"{text}e0".encode())
