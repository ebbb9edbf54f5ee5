"""From ``offers/*.yaml``, ``placements.yaml`` and ``policies.yaml`` to a catalogue, with every problem at once."""

from __future__ import annotations

from onefold.decisions.reading.catalogue import read_catalogue

__all__ = ["read_catalogue"]
