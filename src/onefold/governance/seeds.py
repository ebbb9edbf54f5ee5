"""Names and dice of decisions: both follow from the workspace's key, so that a replay draws the same."""

from __future__ import annotations

import hmac

_BYTES = 16


class Seeds:
    """Derives decision ids and seeds from a workspace key.

    >>> seeds = Seeds(b"key")
    >>> one, same = seeds.decision_id(b"ana", b"m1"), seeds.decision_id(b"ana", b"m1")
    >>> one == same != seeds.decision_id(b"an", b"am1"), len(one), len(seeds.seed(one))
    (True, 32, 32)
    """

    def __init__(self, workspace_key: bytes) -> None:
        self._key = hmac.digest(workspace_key, b"decisions", "sha256")

    def decision_id(self, *parts: bytes) -> str:
        """Return 32 hex digits that are the same for the same parts, and tell nothing of them."""
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self._key, b"id\0" + framed, "sha256")[:_BYTES].hex()

    def seed(self, decision_id: str) -> bytes:
        """Return the 32 bytes that all chance of a decision is drawn from."""
        return hmac.digest(self._key, b"seed\0" + decision_id.encode(), "sha256")
