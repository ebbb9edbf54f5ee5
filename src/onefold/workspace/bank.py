"""The facade: a bank's workspace, opened. Every method delegates in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from onefold.adapters.clock import system_clock
from onefold.core.errors import Problem, UserError
from onefold.core.instant import format_instant, from_datetime
from onefold.core.ports import Clock
from onefold.core.publication import Publication
from onefold.features.engine import FOREVER
from onefold.profiles.layout import Layout
from onefold.workspace import loading
from onefold.workspace.catch_up import Progress, behind, catch_up, silent
from onefold.workspace.definitions import Definitions, read_definitions
from onefold.workspace.files import digest_of, read_files
from onefold.workspace.genome import Genome
from onefold.workspace.publishing import publish, published_definitions
from onefold.workspace.reader import Reader
from onefold.workspace.rejects import Rejects
from onefold.workspace.report import Exported, LoadReport, RejectedItem, Status
from onefold.workspace.session import session_of
from onefold.workspace.stores import InUseError, open_stores

if TYPE_CHECKING:
    import pyarrow as pa

Moment = str | datetime | None
"""ISO 8601 text (a date alone is 00:00 in the workspace's zone), an aware ``datetime``, or None."""


class Bank:
    """A workspace. Reading calls keep the stores open until :meth:`close`; writing ones open them for their time.

    Several banks on one folder share what they keep open. One thread at a time may use them.
    """

    def __init__(self, folder: Path, *, clock: Clock = system_clock) -> None:
        self.folder, self._clock = folder, clock
        self._session = session_of(folder)

    def __enter__(self) -> Bank:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all files; the next question opens them again."""
        self._session.close()

    def check(self) -> Definitions:
        """Read the definition files; raise :class:`UserError` with every problem in them."""
        return read_definitions(read_files(self.folder))

    def apply(self) -> tuple[Publication, bool]:
        """Check and publish the definition files; return the publication and whether it is a new one."""
        self.close()
        contents = read_files(self.folder)
        read_definitions(contents)
        with open_stores(self.folder, read_only=False) as stores:
            return publish(stores, contents, now=self._clock())

    def load(
        self, variables: dict[str, str] | None = None, *, history: bool = False, progress: Progress = silent
    ) -> LoadReport:
        """Load every source of the published definitions; whatever is there already is not counted twice.

        ``variables`` stand for ``${name}`` in the sources; with ``history`` events count as known at their own
        time. Raises :class:`UserError` where definitions or files are at fault.
        """
        with self._intake(history=history, progress=progress) as intake:
            return loading.load_sources(intake, self.folder, variables or {}, progress)

    def load_messages(self, files: Sequence[Path], *, history: bool = False, progress: Progress = silent) -> LoadReport:
        """Load files of Segment-spec messages, one JSON object a line, plain or gzipped."""
        with self._intake(history=history, progress=progress) as intake:
            return loading.load_messages(intake, files, progress)

    def replay_rejected(self, variables: dict[str, str] | None = None, *, progress: Progress = silent) -> LoadReport:
        """Try what was rejected once more under the published definitions."""
        with self._intake(history=False, progress=progress) as intake:
            return loading.replay(intake, self.folder, variables or {})

    def _intake(self, *, history: bool, progress: Progress) -> loading.OpenIntake:
        self.close()
        return loading.OpenIntake(self.folder, clock=self._clock, history=history, progress=progress)

    def rejections(self, *, limit: int = 20) -> list[RejectedItem]:
        """Return the oldest open rejections."""
        with open_stores(self.folder, read_only=True) as stores:
            return Rejects(stores).listed(limit=limit)

    def status(self) -> Status:
        """Say how the workspace stands."""
        draft = digest_of(read_files(self.folder))
        reader = self._reader(draft=False, progress=silent)
        customers, visitors = reader.population()
        return Status(
            workspace=reader.definitions.config.name,
            definitions=reader.definitions.digest,
            draft_differs=draft != reader.definitions.digest,
            records=reader.stores.log.last(),
            behind=behind(reader.stores, reader.timelines),
            customers=customers,
            visitors=visitors,
            rejected=Rejects(reader.stores).counts(),
        )

    def genome(
        self,
        customer: str,
        *,
        at: Moment = None,
        known: Moment = None,
        long: bool = False,
        draft: bool = False,
        progress: Progress = silent,
    ) -> Genome:
        """Return the genome of one customer at a moment (now), of what was known then (everything).

        ``long`` adds lineage. Raises :class:`UserError` for an unknown customer or a time that is none.
        """
        reader = self._reader(draft=draft, progress=progress)
        return reader.genome(customer, now=self._moment(reader, at), known=self._until(reader, known), long=long)

    def genomes(
        self, *, at: Moment = None, known: Moment = None, visitors: bool = False, draft: bool = False
    ) -> pa.Table:
        """Return the genomes of all customers as one Arrow table: ``customer``, then a column a feature."""
        import pyarrow as pa

        reader = self._reader(draft=draft, progress=silent)
        now = self._moment(reader, at)
        return pa.concat_tables(self._tables(reader, now, self._until(reader, known), visitors=visitors))

    def export_genomes(
        self,
        to: Path,
        *,
        at: Moment = None,
        known: Moment = None,
        visitors: bool = False,
        draft: bool = False,
        progress: Progress = silent,
    ) -> Exported:
        """Write the genomes of all customers into a .parquet, .csv or .jsonl file."""
        from onefold.workspace.export import check_target, write

        check_target(to)
        reader = self._reader(draft=draft, progress=progress)
        now = self._moment(reader, at)
        tables = self._tables(reader, now, self._until(reader, known), visitors=visitors, progress=progress)
        return Exported(write(tables, to), format_instant(now), reader.definitions.digest)

    def _tables(
        self, reader: Reader, now: int, known: int, *, visitors: bool, progress: Progress = silent
    ) -> Iterator[pa.Table]:
        from onefold.workspace.export import to_arrow

        done, empty = 0, True
        for roots, genomes in reader.everybody(now=now, known=known, visitors=visitors):
            done, empty = done + len(roots), False
            yield to_arrow(genomes, reader.names(roots))
            progress("Reading genomes", done, None)
        if empty:
            yield to_arrow(reader.nobody(now), [])

    def _reader(self, *, draft: bool, progress: Progress) -> Reader:
        """Return an open reader of the published (or draft) definitions whose timelines are caught up."""
        reader = self._session.readers.get(draft)
        if reader is not None and self._is_current(reader, draft=draft):
            return reader
        self.close()
        definitions = self.check() if draft else None
        self._bring_up(definitions, progress, draft=draft)
        stores = self._session.stack.enter_context(open_stores(self.folder, read_only=True))
        definitions = definitions or published_definitions(stores)
        timelines = stores.timelines(Layout(definitions.schema), draft=draft)
        self._session.stack.callback(timelines.close)
        self._session.readers[draft] = Reader(stores, timelines, definitions)
        return self._session.readers[draft]

    def _is_current(self, reader: Reader, *, draft: bool) -> bool:
        """Whether an open reader still answers as a new one would; a draft may change at any moment."""
        if draft or reader.timelines.state()[0] != reader.stores.log.last():
            return False  # the timelines lagged, or another process loaded after these stores were opened
        published = reader.stores.control.published()
        return published is not None and published.digest == reader.definitions.digest

    def _bring_up(self, definitions: Definitions | None, progress: Progress, *, draft: bool) -> None:
        """Let the timelines catch up with the log, which takes the right to write only where they lag.

        Where another process has that right, it brings them up itself: what they hold by now is read.
        """
        with open_stores(self.folder, read_only=True) as stores:
            wanted = definitions or published_definitions(stores)
            layout = Layout(wanted.schema)
            if not stores.lags(layout, draft=draft):
                return
            readable = bool(stores.applied(layout, draft=draft))
        try:
            with open_stores(self.folder, read_only=False) as stores:
                timelines = stores.timelines(layout, draft=draft)
                try:
                    catch_up(stores, timelines, layout, progress=progress)
                finally:
                    timelines.close()
        except InUseError:
            if not readable:
                raise

    def _moment(self, reader: Reader, at: Moment) -> int:
        return self._clock() if at is None else self._instant(reader, at, "--at")

    def _until(self, reader: Reader, known: Moment) -> int:
        return FOREVER if known is None else self._instant(reader, known, "--known")

    def _instant(self, reader: Reader, moment: str | datetime, option: str) -> int:
        try:
            if isinstance(moment, datetime):
                return from_datetime(moment)
            return reader.definitions.config.zone.parse(moment)
        except (ValueError, TypeError) as error:
            why = str(error) or "it is no time"
            raise UserError(
                Problem(f"{option} {moment}", why, "Write ISO 8601, such as 2026-05-04T09:00:00Z or 2026-05-04.")
            ) from error


def open_bank(folder: Path | str, *, clock: Clock = system_clock) -> Bank:
    """Open a workspace folder."""
    return Bank(Path(folder), clock=clock)
