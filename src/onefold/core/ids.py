"""Names of customers, pseudonyms, and the hashes that stand for texts and message ids."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

USER = "user"
ANONYMOUS = "anon"
NODE_BYTES = 16
MAX_ID_BYTES = 200

_NAMESPACE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLACEHOLDERS = frozenset(
    (  # what clients send for "nobody": see the merges that went wrong in other systems
        "|null|undefined|none|nil|nan|n/a|na|0|-1|00000000-0000-0000-0000-000000000000|anonymous|anon|guest|unknown"
        "|user|userid|user_id|id|distinct_id|email|test|true|false|[object object]|object|{}|[]|default"
        "|not_authenticated|not authenticated|''|\"\"|.|-|_|?"
    ).split("|")
)


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A name for a customer: a namespace and an id, written ``namespace:id``.

    >>> Identifier.parse("4473"), str(Identifier.parse("anon:a1"))
    (Identifier(namespace='user', id='4473'), 'anon:a1')
    """

    namespace: str
    id: str

    @classmethod
    def parse(cls, text: str) -> Identifier:
        """Read ``namespace:id``; a bare id is ``user:id``. Raises ``ValueError`` for what can be no one's name."""
        head, colon, tail = text.strip().partition(":")
        name = cls(head, tail.strip()) if colon and _NAMESPACE.fullmatch(head) else cls(USER, text.strip())
        name.check()
        return name

    def check(self) -> None:
        """Raise ``ValueError`` for placeholder ids (null, undefined, 0 ...), which would join strangers."""
        if not _NAMESPACE.fullmatch(self.namespace):
            raise ValueError(f"{self.namespace!r} is no namespace: use a-z, 0-9 and _, at most 40")
        if self.id.strip().lower() in _PLACEHOLDERS or not self.id.strip("0 "):
            raise ValueError("the id is a placeholder that many people share")
        if len(self.id.encode("utf-8", "replace")) > MAX_ID_BYTES:
            raise ValueError(f"the id is longer than {MAX_ID_BYTES} bytes")
        if not self.id.isprintable():
            raise ValueError("the id holds control characters")

    @property
    def known(self) -> bool:
        """Whether this names a customer, not a mere visitor."""
        return self.namespace != ANONYMOUS

    def __str__(self) -> str:
        return f"{self.namespace}:{self.id}"


def pseudonym(key: bytes, name: Identifier) -> bytes:
    """Return the 16 bytes that stand for an identifier outside the vault: HMAC-SHA256 under the workspace key."""
    return hmac.digest(key, b"node\x00" + str(name).encode(), "sha256")[:NODE_BYTES]


def message_hash(message_id: str) -> int:
    """Return the first 8 bytes of SHA-256(messageId), as an unsigned integer that sorts as the bytes do."""
    return int.from_bytes(hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def text_code(text: str) -> int:
    """Return the code of a category's text: the first 8 bytes of SHA-256, signed, never the code of NULL.

    >>> text_code("travel") == text_code("travel") != text_code("Travel")
    True
    """
    code = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
    return code if code != NULL else NULL + 1


NULL = -(2**63)
"""The 64-bit word that stands for "no value" in every slot of a timeline record."""
