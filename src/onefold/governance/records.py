"""Records of the log: an envelope that anyone may read, and a body that only the vault opens.

``payload = version u8, kind u8, node 16 bytes, known_at i64, sealed body``, little-endian; the first 26 bytes
are authenticated with the body. No identifier, property or message id stands in it as plain text.
"""

from __future__ import annotations

import hmac
import struct
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache

import msgspec

from onefold.core.errors import CorruptionError, FormatError, Problem, UserError
from onefold.core.event import Event
from onefold.core.ids import NODE_BYTES, Identifier, pseudonym
from onefold.core.ports import Vault
from onefold.governance.digest import BodyDigest
from onefold.governance.exact import exact, is_exact

VERSION = 1
_HEAD = struct.Struct("<BB16sq")
_PSEUDONYMS = 65_536


class Kind(IntEnum):
    """What a record says."""

    EVENT = 1
    PUBLICATION = 2
    REJECTION = 3
    RESOLVED = 4
    DECISION = 5


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """A message or row that was not accepted: its bytes as they came, from which source, and why not."""

    source: str
    code: str
    detail: str
    raw: bytes


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """A set of definitions that was published: its content hash and its content."""

    definitions: str
    content: bytes


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """A rejection that was replayed with success: the sequence number of its record."""

    rejection: int


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it was made: who was asked about (``namespace:id``), what was asked and what was answered.

    ``request`` and ``answer`` are JSON; ``now``, ``known`` and ``definitions`` are all that a replay needs beside the
    log. It is sealed under the customer's own key.
    """

    decision: str
    customer: str
    request: bytes
    now: int
    known: int
    definitions: str
    answer: bytes


Other = Rejection | Publication | Resolved
Body = Event | Other | Decided


class Record(msgspec.Struct, frozen=True):
    """A record as read: ``known_at`` is its arrival, ``node`` the pseudonym under whose key it was sealed.

    ``event`` is set for kind EVENT unless it was erased, ``body`` for the other kinds.
    """

    kind: Kind
    node: bytes
    known_at: int
    event: Event | None = None
    body: Other | Decided | None = None


class RecordCodec:
    """Turns events into sealed payloads and back. Call ``vault.sync()`` before appending what was encoded."""

    def __init__(self, vault: Vault, workspace_key: bytes) -> None:
        self._vault = vault
        self._body_digest = BodyDigest(hmac.digest(workspace_key, b"body digest", "sha256"))
        self._workspace = hmac.digest(workspace_key, b"workspace", "sha256")[:NODE_BYTES]
        self._encode = msgspec.json.Encoder(decimal_format="number").encode
        self._decode = msgspec.json.Decoder(Event, float_hook=Decimal).decode

        @lru_cache(maxsize=_PSEUDONYMS)
        def node(name: str) -> bytes:
            return pseudonym(workspace_key, Identifier(*name.split(":", 1)))

        self.node = node
        """The pseudonym of a node written ``namespace:id``."""

    def encode(self, event: Event, known_at: int) -> bytes:
        """Return the payload of an event that arrived at an instant, sealed under its node's key.

        Raises :class:`UserError` where a property is no JSON value (NaN, a lone surrogate).
        """
        try:
            if not is_exact(event.properties) or (event.context and not is_exact(event.context)):
                event = _exactly(event)
            body = self._encode(event)
        except (ValueError, RecursionError) as error:
            problem = Problem(f"a property of {event.name}", str(error), "Send JSON values, in Unicode.")
            raise UserError(problem) from error
        return self._seal(Kind.EVENT, self.node(event.node), known_at, body)

    def encode_other(self, body: Other, known_at: int) -> bytes:
        """Return the payload of a record that is no event, sealed under the key of the workspace."""
        return self._seal(_KINDS[type(body)], self._workspace, known_at, msgspec.msgpack.encode(body))

    def encode_decision(self, body: Decided, known_at: int) -> bytes:
        """Return the payload of a decision, sealed under the key of the customer's name: erasing them erases it."""
        return self._seal(Kind.DECISION, self.node(body.customer), known_at, msgspec.msgpack.encode(body))

    def decode(self, payload: bytes) -> Record:
        """Read a payload; its event or body is None where its node was erased.

        Raises :class:`FormatError` for a version or kind of a newer release, :class:`CorruptionError` where
        the bytes are not authentic.
        """
        kind, node, known_at = self.peek(payload)
        head = payload[: _HEAD.size]
        plain = self._vault.open(node, payload[_HEAD.size :], head) if len(payload) > _HEAD.size else None
        if plain is None:
            return Record(kind, node, known_at)
        try:
            if kind is Kind.EVENT:
                return Record(kind, node, known_at, self._decode(plain))
            return Record(kind, node, known_at, None, msgspec.msgpack.decode(plain, type=_BODIES[kind]))
        except msgspec.DecodeError as error:
            raise CorruptionError("record", 0, f"its sealed body cannot be read: {error}") from error

    def peek(self, payload: bytes) -> tuple[Kind, bytes, int]:
        """Return (kind, node, known_at) without opening the body."""
        if len(payload) < _HEAD.size:
            raise CorruptionError("record", len(payload), "its envelope is cut off")
        version, kind, node, known_at = _HEAD.unpack_from(payload)
        if version != VERSION or kind not in _KIND_OF:
            why = f"a record of version {version} and kind {kind} is of a newer release. Install that one."
            raise FormatError(why)
        return _KIND_OF[kind], node, known_at

    def husk(self, payload: bytes) -> bytes:
        """Return what is left of a record after erasure: its envelope, which decodes to a record without
        event.
        """
        return payload[: _HEAD.size]

    def body_digest(self, event: Event) -> int:
        """Return 32 bits that differ where two events say different things: see :mod:`onefold.governance.digest`."""
        return self._body_digest(event)

    def _seal(self, kind: Kind, node: bytes, known_at: int, body: bytes) -> bytes:
        head = _HEAD.pack(VERSION, kind, node, known_at)
        return head + self._vault.seal(node, body, head)


_KIND_OF = {int(kind): kind for kind in Kind}
_BODIES: dict[Kind, type[Other | Decided]] = {
    Kind.PUBLICATION: Publication,
    Kind.REJECTION: Rejection,
    Kind.RESOLVED: Resolved,
    Kind.DECISION: Decided,
}
_KINDS = {body: kind for kind, body in _BODIES.items()}


def _exactly(event: Event) -> Event:
    return msgspec.structs.replace(event, properties=exact(event.properties), context=exact(event.context))
