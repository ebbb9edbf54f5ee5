"""The situation of a customer at a moment, read off the timeline for a decision."""

from __future__ import annotations

from onefold.core.instant import DAY, HOUR
from onefold.core.types import Purpose
from onefold.core.zone import Zone, zone
from onefold.decisions.exposures import contacts_of, oldest_of, preferences_of
from onefold.decisions.request import Request
from onefold.decisions.situation import Situation
from onefold.features.consent import granted
from onefold.language.values import Value
from onefold.profiles.words import Rows
from onefold.workspace.reader import Reader, one_person
from onefold.workspace.results import TIMEZONE


def situation_of(reader: Reader, rows: Rows, request: Request, *, now: int, known: int) -> Situation:
    """Return what a decision reads of a customer; ``rows`` are their sorted records (none: an empty timeline)."""
    results, definitions = reader.results(), reader.definitions
    members = results.membership.read(rows, one_person(rows), now=now, known=known)
    row = results.membership.row(members, 0)
    own = own_zone(row.get(TIMEZONE), definitions.config.zone)
    for name, value in context_of(request, own, now).items():
        row.add(name, value)
    own_consent, genomes = definitions.catalogue.own_consent, members.genomes

    def consent(purpose: Purpose, channel: str) -> bool:
        return bool(granted(genomes, (purpose, channel), needs_own=channel in own_consent)[0])

    home, texts = definitions.config.zone, results.engine.texts
    oldest = oldest_of(definitions.features.retention, home, now)
    return Situation(
        now=now,
        today=home.day(now),
        home=home,
        zone=own,
        row=row,
        consent=consent,
        contacts=contacts_of(rows, reader.layout, texts, now=now, known=known, oldest=oldest),
        preferences=preferences_of(rows, reader.layout, texts, now=now, known=known, oldest=oldest),
    )


def own_zone(stated: Value, home: Zone) -> Zone:
    """Return the zone that a customer lives in, the workspace's where none (or none that exists) is stated."""
    try:
        return zone(stated) if isinstance(stated, str) else home
    except ValueError:
        return home


def context_of(request: Request, own: Zone, now: int) -> dict[str, Value]:
    """Return the context by the names that expressions use; the hour is the customer's own unless it is stated."""
    said: dict[str, Value] = {"context.hour": float(own.local(now) % DAY // HOUR)}
    if request.channel is not None:
        said["context.channel"] = request.channel
    if request.device is not None:
        said["context.device"] = request.device
    return said | {f"context.{name}": value for name, value in request.context.items()}
