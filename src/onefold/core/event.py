"""An event as it stands in the log: everything that was said, before any declaration is applied to it."""

from __future__ import annotations

from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of one identifier.

    ``node`` is written ``namespace:id``. ``properties`` are JSON values as they arrived (numbers as ``int`` or
    ``Decimal``), undeclared ones included; for ``identify`` they are the traits. ``alias`` is another identifier
    that the same message names and that belongs to ``node`` from this event's time on (an anonymousId beside a
    userId, an account beside its owner); on ``identity_unlinked`` it is the one that does not belong to it.
    """

    node: str
    name: str
    time: int
    message_id: str
    properties: dict[str, Any] = {}
    order: int = 0
    alias: str | None = None
    context: dict[str, Any] = {}


IDENTIFY = "identify"
LINKED = "identity_linked"
UNLINKED = "identity_unlinked"
RETRACTED = "event_retracted"
