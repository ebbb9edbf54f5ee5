"""A publication: which set of definitions was in force from when on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication: its number from 1, the content hash of the set (64 hex digits), and the instant."""

    number: int
    digest: str
    published_at: int
