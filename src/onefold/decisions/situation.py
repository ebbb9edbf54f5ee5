"""Everything that a decision reads of a customer and of the moment, beside the catalogue and the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from onefold.core.types import Purpose
from onefold.core.zone import Zone
from onefold.decisions.contact.moment import Contact, Preference
from onefold.language.values import Value


@dataclass(frozen=True, slots=True)
class Situation:
    """A customer at a moment. One who does not exist is an empty timeline: nothing is granted, nothing known.

    ``today`` is the local day at ``now`` in ``home``, the workspace's zone; ``zone`` is the customer's own. ``row``
    holds the genome, segments (``segment.x``) and context (``context.page``); a name that it lacks is unknown.
    ``consent`` tells whether a purpose is granted for a channel; ``contacts`` and ``preferences`` are those up to
    ``now`` in order of time (:mod:`onefold.decisions.exposures`).
    """

    now: int
    today: int
    home: Zone
    zone: Zone
    row: Mapping[str, Value]
    consent: Callable[[Purpose, str], bool]
    contacts: Sequence[Contact] = ()
    preferences: Sequence[Preference] = ()
