"""Putting definitions in force, and what follows from it: plans, publications, ways back, the journal."""

from __future__ import annotations

from onefold.core.instant import format_instant
from onefold.core.publication import Publication
from onefold.profiles.layout import Layout
from onefold.segments.journal import Cause
from onefold.workspace.access import Access, Moment
from onefold.workspace.catch_up import Progress, catch_up, silent
from onefold.workspace.definitions import read_definitions
from onefold.workspace.files import read_files
from onefold.workspace.loading import Open
from onefold.workspace.past import Past
from onefold.workspace.planning import Plan, differences, segment_plans
from onefold.workspace.publishing import find_publication, previous, publish, published_definitions, put_back
from onefold.workspace.reader import Reader
from onefold.workspace.reconcile import Before, reconcile
from onefold.workspace.report import LoadReport
from onefold.workspace.stores import DATA, Stores, open_stores


def plan(access: Access, *, at: Moment, progress: Progress = silent) -> Plan:
    """Return what publishing the files would change."""
    contents = read_files(access.folder)
    draft = read_definitions(contents)
    if not (access.folder / DATA / "control.db").exists():
        return Plan(None, draft.digest, differences(None, draft, {}, contents))
    before, after = access.both(progress=progress)
    stores, publication = after.stores, after.stores.control.published()
    files = (stores.control.files(publication.digest) if publication else None) or {}
    now = access.moment(after, at)
    changes = differences(before.definitions if before else None, draft, files, contents)
    segments, population = segment_plans(before, after, now=now, progress=progress)
    rebuilds = before is None or before.layout.fingerprint != after.layout.fingerprint
    digest = publication.digest if publication else None
    return Plan(digest, draft.digest, changes, segments, format_instant(now), population, rebuilds)


def apply(access: Access, *, progress: Progress = silent) -> tuple[Publication, bool]:
    """Check the files and make them the published set."""
    contents = read_files(access.folder)
    read_definitions(contents)
    access.close()
    with open_stores(access.folder, read_only=False) as stores:
        old = stores.control.published()
        done, new = publish(stores, contents, now=access.clock())
        if new:
            _follow(stores, old, now=access.clock(), progress=progress)
        return done, new


def rollback(access: Access, to: str | None, *, progress: Progress = silent) -> Publication:
    """Make an earlier set the published one: the one before, or the one of a number or digest."""
    access.close()
    with open_stores(access.folder, read_only=False) as stores:
        target = previous(stores) if to is None else find_publication(stores, to)
        old = stores.control.published()
        done, new = put_back(stores, target, now=access.clock())
        if new:
            _follow(stores, old, now=access.clock(), progress=progress)
        return done


def _follow(stores: Stores, old: Publication | None, *, now: int, progress: Progress) -> None:
    """Let timelines and journal follow a publication: those who no longer match leave."""
    definitions = published_definitions(stores)
    layout = Layout(definitions.schema)
    timelines = stores.timelines(layout)
    try:
        catch_up(stores, timelines, layout, progress=progress)
        reader = Reader(stores, timelines, definitions)
        before = Before(Past(reader).under(old.digest)) if old is not None and _is_followed(stores) else None
        reconcile(stores, reader, now=now, cause=Cause.DEFINITION, before=before, progress=progress)
    finally:
        timelines.close()


def _is_followed(stores: Stores) -> bool:
    """Whether the journal has a mark from which time can have passed."""
    log = stores.changes()
    try:
        return log.last() > 0
    finally:
        log.close()


def loaded(opened: Open, *, since: int | None, progress: Progress = silent) -> LoadReport:
    """Let the journal follow a load that began at an instant: one entry for whoever is in or out by now.

    What time did until then is told apart, unless what was loaded counts as known since long ago (``since`` is None).
    """
    if any(source.new for source in opened.intake.report.sources):
        reader = Reader(opened.stores, opened.timelines, opened.definitions)
        before = None if since is None else Before(reader, known=since)
        now = opened.stamps()
        reconcile(opened.stores, reader, now=now, cause=Cause.BACKFILL, before=before, progress=progress)
    return opened.intake.report
