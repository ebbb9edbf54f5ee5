"""Loading: sources and messages into the log, resumable and idempotent, with every rejection kept."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import count, islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

import msgspec

from onefold.core.errors import Place, Problem, UserError
from onefold.core.event import Event
from onefold.core.ports import Clock
from onefold.governance.records import Rejection as RejectedBody
from onefold.profiles.layout import Layout
from onefold.profiles.store import TimelineStore
from onefold.sources.candidate import MESSAGES, Candidate
from onefold.sources.lines import read_messages
from onefold.sources.mapping import Mapping as SourceMapping
from onefold.workspace.catch_up import Progress, catch_up
from onefold.workspace.collecting import collecting_seldom
from onefold.workspace.definitions import Definitions, read_definitions
from onefold.workspace.files import digest_of, read_files
from onefold.workspace.intake import BATCH, CONFLICT, Intake
from onefold.workspace.publishing import publish, published_definitions
from onefold.workspace.report import LoadReport
from onefold.workspace.stamps import Stamps, stamps_of
from onefold.workspace.stores import Stores, open_stores

_DECODER = msgspec.json.Decoder(Event, float_hook=Decimal)
MAX_LINE = 64 * 1024
"""Bytes of a line that are read at the most; a message may have 32 KB."""


@dataclass(frozen=True, slots=True)
class Open:
    """An intake that is ready: its stores, and the definitions that it checks against."""

    intake: Intake
    stores: Stores
    timelines: TimelineStore
    stamps: Stamps
    definitions: Definitions


class OpenIntake:
    """Opens a workspace for writing: publishes where nothing is published, and lets the timelines catch up."""

    def __init__(self, folder: Path, *, clock: Clock, history: bool, progress: Progress) -> None:
        self._folder, self._clock, self._history, self._progress = folder, clock, history, progress
        self._stack = ExitStack()

    def __enter__(self) -> Open:
        try:
            return self._opened()
        except BaseException:
            self._stack.close()
            raise

    def _opened(self) -> Open:
        contents = read_files(self._folder)
        stores = self._stack.enter_context(open_stores(self._folder, read_only=False))
        first = stores.control.published() is None
        if first:
            definitions = read_definitions(contents)
            publish(stores, contents, now=self._clock())
        else:
            definitions = published_definitions(stores)
        layout = Layout(definitions.schema)
        timelines = stores.timelines(layout)
        self._stack.callback(timelines.close)
        catch_up(stores, timelines, layout, progress=self._progress)
        stamps = stamps_of(stores, self._clock)
        intake = Intake(stores, timelines, layout, clock=stamps, history=self._history)
        intake.report.published = definitions.digest if first else None
        intake.report.draft_differs = digest_of(contents) != definitions.digest
        return Open(intake, stores, timelines, stamps, definitions)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


@collecting_seldom()
def load_sources(opened: Open, base: Path, variables: Mapping[str, str], progress: Progress) -> LoadReport:
    """Load every source, one after another in the order of their names."""
    from onefold.adapters.duckdb.rows import read_source

    definitions, intake = opened.definitions, opened.intake
    if not definitions.mappings:
        raise UserError(
            Problem(
                "load",
                "no source is defined",
                "Add a file to sources/, or load messages with --messages.",
                Place("sources/"),
            )
        )
    for mapping in sorted(definitions.mappings, key=lambda one: one.source):
        what = f"Loading {mapping.source}"
        reading = read_source(
            mapping,
            variables=variables,
            base=base,
            schema=definitions.schema,
            zone=definitions.config.zone,
            progress=partial(progress, what),
        )
        counted = intake.report.source(mapping.source)
        intake.take_all(iter(reading))
        counted.skipped += reading.counts.skipped
    return intake.report


@collecting_seldom()
def load_messages(opened: Open, files: Sequence[Path], progress: Progress) -> LoadReport:
    """Load files of messages, one JSON object a line."""
    definitions = opened.definitions
    for path in files:
        with _lines_of(path) as lines:
            watched = _watched(lines, f"Loading {path.name}", progress)
            opened.intake.report.source(MESSAGES)
            opened.intake.take_all(read_messages(watched, schema=definitions.schema, zone=definitions.config.zone))
    return opened.intake.report


def _lines_of(path: Path) -> BinaryIO:
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        return cast("BinaryIO", opener(path, "rb"))
    except OSError as error:
        why = error.strerror or str(error)
        raise UserError(Problem(f"{path}", f"it cannot be read: {why}", "Name a file of JSON lines.")) from error


def _watched(lines: BinaryIO, what: str, progress: Progress) -> Iterator[bytes]:
    """Yield lines of bounded length; a longer one comes cut, and is then rejected as too large."""
    try:
        for number in count(1):
            line = lines.readline(MAX_LINE)
            if not line:
                return
            yield line
            while len(line) == MAX_LINE and not line.endswith(b"\n"):
                line = lines.readline(MAX_LINE)
            if number % 1_000 == 0:
                progress(what, number, None)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(
            Problem(
                what,
                f"the file is broken: {error}",
                "What came before is loaded; mend the file and load it again.",
            )
        ) from error


@collecting_seldom()
def replay(opened: Open, base: Path, variables: Mapping[str, str]) -> LoadReport:
    """Try every open rejection once more; what is accepted now is marked as resolved."""
    intake, rejects = opened.intake, opened.intake.rejects
    by_source: dict[str, list[tuple[int, RejectedBody]]] = {}
    for number, body in rejects.items():
        by_source.setdefault(body.source, []).append((number, body))
    for source, items in sorted(by_source.items()):
        tried = _candidates(opened, source, items, base, variables)
        while some := list(islice(tried, BATCH)):
            rejects.resolve(_accepted(intake, some), now=intake.now())
    return intake.report


def _accepted(intake: Intake, tried: list[tuple[int, list[Candidate]]]) -> list[int]:
    """Take what became of some rejections as one batch; return those of which everything was accepted."""
    taken = iter(intake.take([one for _, candidates in tried for one in candidates]))
    verdicts = [(number, list(islice(taken, len(candidates)))) for number, candidates in tried]
    return [number for number, accepted in verdicts if accepted and all(accepted)]


def _candidates(
    opened: Open, source: str, items: list[tuple[int, RejectedBody]], base: Path, variables: Mapping[str, str]
) -> Iterator[tuple[int, list[Candidate]]]:
    """Yield what becomes of each rejection of a source under the definitions in force."""
    definitions = opened.definitions
    mapping = next((one for one in definitions.mappings if one.source == source), None)
    rows: list[tuple[int, RejectedBody]] = []
    for number, body in items:
        if body.code == CONFLICT:
            yield number, [Candidate(source, event=_DECODER.decode(body.raw))]
        elif source == MESSAGES:
            zone = definitions.config.zone
            yield number, list(read_messages([body.raw], schema=definitions.schema, zone=zone))
        else:
            rows.append((number, body))
    if mapping is not None and rows:
        yield from _of_rows(mapping, rows, definitions, base, variables)


def _of_rows(
    mapping: SourceMapping,
    items: list[tuple[int, RejectedBody]],
    definitions: Definitions,
    base: Path,
    variables: Mapping[str, str],
) -> Iterator[tuple[int, list[Candidate]]]:
    """Yield what becomes of rejected rows, read in one go: the lookups of a mapping may be large."""
    from onefold.adapters.duckdb.rows import replay as replay_rows

    raws = [body.raw for _, body in items]
    zone = definitions.config.zone
    reading = replay_rows(mapping, raws, variables=variables, base=base, schema=definitions.schema, zone=zone)
    found: list[list[Candidate]] = [[] for _ in items]
    for candidate in reading:
        found[reading.counts.rows - 1].append(candidate)  # the rows come in our order, and are counted as they do
    yield from zip((number for number, _ in items), found, strict=True)
