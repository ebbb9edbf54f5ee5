"""The digest of an event's body: equal for equal bodies, so that a repeated message id with another body
stands out.
"""

from __future__ import annotations

import hashlib
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
_BLOCK = 64  # bytes of a block of SHA-256, to which HMAC (RFC 2104) fills its key up


class BodyDigest:
    """Digests bodies under one key. What HMAC does with the key alone is done once: that is most of its price."""

    def __init__(self, key: bytes) -> None:
        filled = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in filled))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in filled))

    def __call__(self, event: Event) -> int:
        """Return the digest of an event: see :func:`body_digest`."""
        body = [event.name, event.time, event.order, event.alias, canonical(event.properties)]
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(_ENCODER.encode(body))
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:4], "little")


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
    return BodyDigest(key)(event)


def canonical(value: Any) -> Any:
    """Return a JSON value in which equal numbers are written alike."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Decimal:
        return _number(value)
    if kind is int:
        return value if abs(value) < 10**_LONGEST else _number(Decimal(value))
    if kind is dict:
        return {key: inner if type(inner) in _PLAIN else canonical(inner) for key, inner in value.items()}
    if kind is float:
        return _number(Decimal(repr(value)))
    if kind in (list, tuple):
        return [canonical(inner) for inner in value]
    raise ValueError(f"a {kind.__name__} is not a JSON value")


def _number(value: Decimal) -> int | msgspec.Raw:
    text = str(value)
    whole, point, decimals = text.partition(".")
    if point and "E" not in decimals and len(text) <= _LONGEST:  # 12.50 and its like: most numbers there are
        decimals = decimals.rstrip("0")
        return msgspec.Raw(f"{int(whole + decimals)}e-{len(decimals)}".encode()) if decimals else int(whole)
    return _any_number(value)


def _any_number(value: Decimal) -> int | msgspec.Raw:
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
