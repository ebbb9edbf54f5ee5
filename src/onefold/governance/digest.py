"""The digest of an event's body: equal for equal bodies, so that a repeated message id with another body
stands out.
"""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import Any

import msgspec

from onefold.core.event import Event

_ENCODER = msgspec.json.Encoder(order="sorted")
_PLAIN = frozenset({str, bool, type(None)})
_LONGEST = 40
"""Whole numbers of at most so many digits are written out; larger ones with an exponent, which bounds the
work.
"""


def body_digest(event: Event, key: bytes) -> int:
    """Return 32 bits of HMAC-SHA256 over what an event says: name, time, order, alias and properties.

    Numbers that are equal digest equal however they were written, the order of keys is irrelevant, and
    ``context`` is not part of it. Raises ``ValueError`` for numbers that are not finite and texts that are
    not Unicode.

    >>> from decimal import Decimal
    >>> one, same = ({"b": 2, "a": 1}, {"a": Decimal("1.00"), "b": 2})
    >>> events = [Event(node="user:7", name="n", time=0, message_id="m", properties=p) for p in (one, same)]
    >>> body_digest(events[0], b"key") == body_digest(events[1], b"key")
    True
    """
    body = [event.name, event.time, event.order, event.alias, canonical(event.properties)]
    return int.from_bytes(hmac.digest(key, _ENCODER.encode(body), "sha256")[:4], "little")


def canonical(value: Any) -> Any:
    """Return a JSON value in which equal numbers are written alike."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        return value if abs(value) < 10**_LONGEST else _number(Decimal(value))
    if kind is Decimal:
        return _number(value)
    if kind is float:
        return _number(Decimal(repr(value)))
    if kind is dict:
        return {key: canonical(inner) for key, inner in value.items()}
    if kind in (list, tuple):
        return [canonical(inner) for inner in value]
    raise ValueError(f"a {kind.__name__} is not a JSON value")


def _number(value: Decimal) -> int | msgspec.Raw:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a finite number")
    text = "".join(map(str, digits)).rstrip("0")
    if not text:
        return 0
    exponent += len(digits) - len(text)
    minus = "-" if sign else ""
    if 0 <= exponent <= _LONGEST - len(text):
        return int(f"{minus}{text}{'0' * exponent}")
    return msgspec.Raw(f"{minus}{text}e{exponent}".encode())
