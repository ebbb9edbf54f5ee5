"""Segments as commands and the Python API give them: sizes, members, previews, changes and reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from onefold.core.errors import Problem, UserError
from onefold.core.instant import format_instant
from onefold.features.engine import FOREVER
from onefold.segments.definitions import Segment
from onefold.segments.reading import compile_predicate
from onefold.segments.why import Why, explain
from onefold.workspace.access import Access, Moment, instant
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.columns import check_of
from onefold.workspace.journal import Entry, Journal, entries_of
from onefold.workspace.preview import Preview, Previews, Question
from onefold.workspace.reader import Reader
from onefold.workspace.reconcile import advance, changes_of_all
from onefold.workspace.report import Exported
from onefold.workspace.stores import InUseError


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A segment with its size; ``share`` is of the ``population``, 0 to 1."""

    name: str
    title: str | None
    count: int
    share: float
    population: int
    purpose: str | None
    dimension: str | None
    owner: str | None
    review_by: str | None
    when: str


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the journal, times as ISO 8601; ``seq`` is its number there (or in the answer)."""

    seq: int
    customer: str
    segment: str
    change: str
    cause: str
    at: str
    computed_at: str
    definitions: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one customer (by name) is in a segment or not, at a moment (ISO 8601)."""

    customer: str
    at: str
    why: Why

    def as_json(self) -> dict[str, object]:
        """Return what ``why --json`` prints."""
        return {"customer": self.customer, "at": self.at, **self.why.as_json()}


class Segments:
    """Answers about segments under the published definitions, or under the files with ``draft``."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._previews: Previews | None = None

    def sizes(
        self, *, at: Moment = None, known: Moment = None, draft: bool = False, progress: Progress = silent
    ) -> list[SegmentInfo]:
        """Return every segment with its size at a moment, in the order of the files."""
        reader = self._access.reader(draft=draft, progress=progress)
        now, until = self._access.moment(reader, at), self._access.until(reader, known)
        counts, population = _counted(reader, now, until, progress)
        return [
            _info(segment, counts[name], population) for name, segment in reader.definitions.segments.segments.items()
        ]

    def preview(
        self,
        when: str,
        *,
        at: Moment = None,
        known: Moment = None,
        visitors: bool = False,
        draft: bool = False,
        progress: Progress = silent,
        cancelled: Callable[[], bool] | None = None,
    ) -> Preview:
        """Return how many customers a predicate holds of at a moment; it may name features, traits and segments.

        At the present, of all known customers and under the published definitions, kept columns answer, which are
        brought up to now; otherwise the timelines do. ``cancelled`` is asked every now and then: once it says True,
        :class:`onefold.workspace.columns.Cancelled` is raised. Raises :class:`UserError` for what is no predicate.
        """
        reader = self._access.reader(draft=draft, progress=progress)
        definitions = reader.definitions
        node = compile_predicate(when, definitions.features, definitions.segments)
        now, until, check = self._access.moment(reader, at), self._access.until(reader, known), check_of(cancelled)
        check()
        asked, answers = Question(node, now, check, until, visitors, progress), self._previewing(reader)
        if at is None and known is None and not visitors and not draft:
            return answers.preview(asked)
        return answers.computed(asked)

    def _previewing(self, reader: Reader) -> Previews:
        """Return what answers previews for a reader; it is kept as long as the reader is."""
        if self._previews is None or self._previews.reader is not reader:
            self._previews = Previews(reader)
        return self._previews

    def members(
        self, name: str, *, at: Moment = None, known: Moment = None, draft: bool = False, progress: Progress = silent
    ) -> list[str]:
        """Return the names of a segment's members at a moment, sorted; as many as :meth:`sizes` counts."""
        reader = self._access.reader(draft=draft, progress=progress)
        _segment(reader, name)
        now, until = self._access.moment(reader, at), self._access.until(reader, known)
        found: list[bytes] = []
        for roots, members in reader.members(now=now, known=until):
            found += [root for root, inside in zip(roots, members.inside[name].tolist(), strict=True) if inside]
        return sorted(reader.names(found))

    def export(
        self,
        name: str,
        to: Path,
        *,
        at: Moment = None,
        known: Moment = None,
        draft: bool = False,
        progress: Progress = silent,
    ) -> Exported:
        """Write the names of a segment's members into a .parquet, .csv or .jsonl file.

        Raises :class:`UserError` where they are fewer than ``min_size`` of ``onefold.yaml``: what leaves the bank must
        not point at single people.
        """
        import pyarrow as pa

        from onefold.workspace.export import check_target, write

        check_target(to)
        reader = self._access.reader(draft=draft, progress=progress)
        now, least = self._access.moment(reader, at), reader.definitions.config.min_size
        found = self.members(name, at=format_instant(now), known=known, draft=draft, progress=progress)
        if len(found) < least:
            why = f"it has fewer than {least} members, so an export would point at single people"
            raise UserError(Problem(f"the segment {name!r}", why, "Export a larger one; `segments members` lists it."))
        table = pa.table({"customer": pa.array(found, pa.string())})
        return Exported(write([table], to), format_instant(now), reader.definitions.digest)

    def changes(
        self, since: Moment, *, at: Moment = None, known: Moment = None, progress: Progress = silent
    ) -> list[Change]:
        """Return who entered and left since a moment, in the order of the journal.

        The journal is first brought up to the present where this process may write. With ``at`` the changes between
        the two moments are computed from the timelines instead, and no journal is read or written.
        """
        if at is not None:
            return self._computed(since, at, known, progress)
        self._follow_time(progress)
        reader = self._access.reader(progress=progress)
        begin = instant(reader, since, "--since") if since is not None else -FOREVER
        log = reader.stores.changes()
        try:
            found = list(Journal(log).entries(since=begin))
        finally:
            log.close()
        return _told(found, _names_of(reader, (one.customer for _, one in found)))

    def _follow_time(self, progress: Progress) -> None:
        """Bring the journal up to the present; whoever asks does not keep others from writing afterwards."""
        with self._access.session.lock:
            was_live = self._access.session.live is not None
            with suppress(InUseError):
                advance(self._access.live(progress), progress=progress)
            if not was_live:
                self._access.close()

    def _computed(self, since: Moment, at: Moment, known: Moment, progress: Progress) -> list[Change]:
        reader = self._access.reader(progress=progress)
        begin = instant(reader, since, "--since") - 1 if since is not None else None
        now, until = self._access.moment(reader, at), self._access.until(reader, known)
        found = list(changes_of_all(reader, begin=begin, end=now, known=until, progress=progress))
        names = _names_of(reader, (one.customer for one in found))
        found.sort(key=lambda one: (one.at, one.segment, names[one.customer]))
        entries = entries_of(found, computed_at=self._access.clock(), definitions=reader.definitions.digest)
        return _told(list(enumerate(entries, 1)), names)

    def why(
        self,
        customer: str,
        segment: str,
        *,
        at: Moment = None,
        known: Moment = None,
        draft: bool = False,
        progress: Progress = silent,
    ) -> Explained:
        """Explain a membership: each leaf with its value, since when, until when, and what would change it."""
        reader = self._access.reader(draft=draft, progress=progress)
        _segment(reader, segment)
        now, until = self._access.moment(reader, at), self._access.until(reader, known)
        who = reader.find(customer, known=until)
        _, rows = reader.person(customer, known=until)
        found = explain(reader.results().membership, segment, rows, now=now, known=until)
        return Explained(reader.names([who])[0], format_instant(now), found)


def _counted(reader: Reader, now: int, known: int, progress: Progress) -> tuple[Mapping[str, int], int]:
    counts, population = dict.fromkeys(reader.definitions.segments.segments, 0), 0
    for _, members in reader.members(now=now, known=known):
        population += int(members.genomes.present.sum())
        for name in counts:
            counts[name] += int(members.inside[name].sum())
        progress("Reading genomes", population, None)
    return counts, population


def _info(segment: Segment, count: int, population: int) -> SegmentInfo:
    review = segment.review_by.isoformat() if segment.review_by else None
    return SegmentInfo(
        segment.name, segment.title, count, _share(count, population), population, segment.purpose,
        segment.dimension, segment.owner, review, segment.text,
    )  # fmt: skip


def _share(count: int, population: int) -> float:
    return count / population if population else 0.0


def _segment(reader: Reader, name: str) -> Segment:
    known = reader.definitions.segments.segments
    if name not in known:
        listed = ", ".join(sorted(known)[:12]) or "none is defined"
        raise UserError(Problem(f"the segment {name!r}", "there is none of that name", f"Use one of: {listed}."))
    return known[name]


def _names_of(reader: Reader, customers: Iterable[bytes]) -> dict[bytes, str]:
    nodes = sorted(set(customers))
    return dict(zip(nodes, reader.names(nodes), strict=True))


def _told(entries: Sequence[tuple[int, Entry]], names: Mapping[bytes, str]) -> list[Change]:
    return [
        Change(
            seq, names[one.customer], one.segment, one.change, one.cause,
            format_instant(one.at), format_instant(one.computed_at), one.definitions,
        )
        for seq, one in entries
    ]  # fmt: skip
