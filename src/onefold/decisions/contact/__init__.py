"""Contact policies: one file each, made known by its import here.

A policy is written in ``policies.yaml`` under the key that it is registered by; :mod:`preference` alone is always on.
"""

from __future__ import annotations

from onefold.decisions.contact import cap, pause, quiet, suppress
from onefold.decisions.contact.base import REGISTRY, Policy
from onefold.decisions.contact.preference import Preferences

__all__ = ["REGISTRY", "Policy", "Preferences", "cap", "pause", "quiet", "suppress"]
