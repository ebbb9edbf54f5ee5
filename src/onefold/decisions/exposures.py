"""Events of offers and stated preferences off one person's timeline, and which of them are exposures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from onefold.core.ids import NULL
from onefold.core.instant import Span
from onefold.core.zone import Zone
from onefold.decisions.contact.moment import Contact, Outcome, Preference, Wish
from onefold.decisions.contact.spans import before
from onefold.features.texts import TextTable
from onefold.profiles.layout import Layout
from onefold.profiles.words import SLOTS, Rows, codes_of, known_of, times_of
from onefold.sources.reserved import PREFERENCE_SET

_EVENTS = {f"offer_{outcome}": outcome for outcome in Outcome}
_NOTHING: Mapping[str, int] = MappingProxyType({})


def oldest_of(retention: Mapping[str, Span], home: Zone, now: int) -> dict[str, int]:
    """Return for each source with a retention the time before which its events do not exist at ``now``."""
    return {source: before(home, now, span) for source, span in retention.items()}


def contacts_of(
    rows: Rows, layout: Layout, texts: TextTable, *, now: int, known: int, oldest: Mapping[str, int] = _NOTHING
) -> list[Contact]:
    """Return the events of offers among one person's records, which are sorted, up to ``now`` and ``known``.

    ``oldest`` leaves out what retention has: source to :func:`oldest_of`.
    """
    sources = [source for source in _EVENTS if source in layout.sources]
    found = []
    for source, time, said in _stated(rows, layout, sources, now=now, known=known, oldest=oldest):
        offer, treatment, placement, channel, decision = (
            texts.text(said[name]) for name in ("offer", "treatment", "placement", "channel", "decision_id")
        )
        found.append(Contact(_EVENTS[source], time, offer, treatment, placement, channel, decision))
    return found


def preferences_of(
    rows: Rows, layout: Layout, texts: TextTable, *, now: int, known: int, oldest: Mapping[str, int] = _NOTHING
) -> list[Preference]:
    """Return the customer's statements about topics, likewise; what states no preference is left out."""
    found = []
    for _, time, said in _stated(rows, layout, [PREFERENCE_SET], now=now, known=known, oldest=oldest):
        wish = texts.text(said["preference"])
        if wish in set(Wish):
            until = None if said["until"] == NULL else said["until"]
            found.append(Preference(Wish(wish), time, texts.text(said["topic"]), texts.text(said["channel"]), until))
    return found


def _stated(
    rows: Rows, layout: Layout, sources: Sequence[str], *, now: int, known: int, oldest: Mapping[str, int]
) -> Iterator[tuple[str, int, Mapping[str, int]]]:
    """Yield (source, time, word of each property) of the records of some sources, in the order of the records."""
    names = {layout.code(source): source for source in sources}
    codes, times = codes_of(rows), times_of(rows)
    wanted = np.isin(codes, np.array(list(names), np.uint64)) & (times <= now) & (known_of(rows) <= known)
    for at in np.flatnonzero(wanted).tolist():
        source = names[int(codes[at])]
        time = int(times[at])
        if time < oldest.get(source, time):
            continue
        words = rows[at].view(np.int64)
        yield source, time, {name: int(words[SLOTS + slot]) for name, slot in layout.slots(source).items()}


def exposures_of(contacts: Iterable[Contact], *, now: int, reserve: Span) -> tuple[Contact, ...]:
    """Return what counts as seen at ``now``: what was shown, and what was reserved and may still be on its way.

    A reservation at t counts while ``t <= now <= t + reserve``, unless the same offer of the same decision is known
    to have been shown: then that counts in its place.

    >>> from onefold.core.instant import MINUTE
    >>> reserved = Contact(Outcome.RESERVED, 0, "loan", decision="d1")
    >>> [len(exposures_of([reserved], now=at, reserve=Span(fixed=MINUTE))) for at in (MINUTE, MINUTE + 1)]
    [1, 0]
    """
    past = [contact for contact in contacts if contact.time <= now]
    shown = {(one.decision, one.offer) for one in past if one.outcome is Outcome.SHOWN and one.decision is not None}
    found = []
    for contact in past:
        if contact.outcome is Outcome.SHOWN:
            found.append(contact)
        elif contact.outcome is Outcome.RESERVED and (contact.decision, contact.offer) not in shown:
            until = contact.time + reserve.fixed
            if now <= until:
                found.append(replace(contact, until=until))
    return tuple(found)
