"""Whether a purpose is granted, read aloud from the statements of one customer."""

from __future__ import annotations

from collections.abc import Iterable

from onefold.core.types import Purpose
from onefold.oracle.events import OracleEvent, Value, events_that_exist

_SOURCE = "consent_changed"


def is_granted(
    events: Iterable[OracleEvent],
    purpose: Purpose,
    channel: str | None,
    *,
    now: int,
    known: int,
    needs_own: bool = False,
) -> bool:
    """Whether a purpose is granted in general (``channel`` None) or for a channel at an instant.

    ``service`` always is. For a channel its own newest statement decides, unless a general one took the purpose back
    at the same instant or later; without a statement of its own the general one decides, if that is enough for it.
    """
    if purpose is Purpose.SERVICE:
        return True
    said = [event for event in events_that_exist(events, known) if event.source == _SOURCE and event.time <= now]
    general = _newest(said, purpose, None)
    own = _newest(said, purpose, channel) if channel is not None else None
    if own is None:
        return not (channel is not None and needs_own) and _open(general, now)
    if general is not None and not _open(general, now) and general.time >= own.time:
        return False
    return _open(own, now)


def _newest(said: Iterable[OracleEvent], purpose: Purpose, channel: str | None) -> OracleEvent | None:
    about = [one for one in said if (one.properties["purpose"], one.properties["channel"]) == (purpose, channel)]
    return about[-1] if about else None


def _open(said: OracleEvent | None, now: int) -> bool:
    if said is None or said.properties["status"] != "granted":
        return False
    expires: Value = said.properties["expires"]
    return not isinstance(expires, int) or now < expires
