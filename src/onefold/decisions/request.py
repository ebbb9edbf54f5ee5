"""What a page, a banker or a batch asks."""

from __future__ import annotations

import msgspec

ContextValue = str | int | float | bool
"""What is known of the moment; numbers may come as ``Decimal`` too."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request: which placements of which customer (None: of nobody known), and what is known of the moment.

    ``context`` holds ``page``, ``hour`` ...: the words behind ``context.`` in expressions. ``channel`` stands in for
    that of the placements. ``message_id`` lets a repeat be told; ``explain`` asks for the way of every candidate;
    ``dry_run`` counts nothing.
    """

    customer: str | None
    placements: tuple[str, ...]
    channel: str | None = None
    device: str | None = None
    context: dict[str, ContextValue] = {}
    message_id: str | None = None
    explain: bool = False
    dry_run: bool = False
