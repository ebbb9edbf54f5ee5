"""The facade: a bank's workspace, opened. Every method delegates in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from onefold.adapters.clock import system_clock
from onefold.core.instant import format_instant
from onefold.core.ports import Clock
from onefold.core.publication import Publication
from onefold.workspace import loading, planning, releasing, verifying
from onefold.workspace.access import Access, Moment
from onefold.workspace.catch_up import Progress, behind, silent
from onefold.workspace.decisions import Decisions
from onefold.workspace.definitions import Definitions, read_definitions
from onefold.workspace.evidence import Verification
from onefold.workspace.files import digest_of, read_files
from onefold.workspace.genome import Genome
from onefold.workspace.reader import Reader
from onefold.workspace.rejects import Rejects
from onefold.workspace.report import Exported, LoadReport, RejectedItem, Status
from onefold.workspace.segments import Segments
from onefold.workspace.stores import open_stores

if TYPE_CHECKING:
    import pyarrow as pa


class Bank:
    """A workspace. Reading calls keep the stores open until :meth:`close`; a load opens them for its time.

    Several banks on one folder share what they keep open. :meth:`decide` and :meth:`record` may be called by many
    threads; of the rest, one thread at a time. ``segments`` and ``decisions`` answer about those.
    """

    def __init__(self, folder: Path, *, clock: Clock = system_clock) -> None:
        self.folder, self._access = folder, Access(folder, clock)
        self.segments, self.decisions = Segments(self._access), Decisions(self._access)
        self.decide, self.record = self.decisions.decide, self.decisions.record

    def __enter__(self) -> Bank:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all files; the next question opens them again."""
        self._access.close()

    def check(self) -> Definitions:
        """Read the definition files; raise :class:`UserError` with every problem in them."""
        return read_definitions(read_files(self.folder))

    def plan(self, *, at: Moment = None, progress: Progress = silent) -> planning.Plan:
        """Return what publishing the files would change: definitions, and who would enter and leave segments."""
        return releasing.plan(self._access, at=at, progress=progress)

    def apply(self, *, progress: Progress = silent) -> tuple[Publication, bool]:
        """Check and publish the definition files; return the publication and whether it is a new one."""
        return releasing.apply(self._access, progress=progress)

    def rollback(self, to: str | None = None, *, progress: Progress = silent) -> Publication:
        """Put back the set that was in force before, or the one of a number or digest; return its publication."""
        return releasing.rollback(self._access, to, progress=progress)

    def publications(self) -> list[Publication]:
        """Return every publication, the oldest first."""
        with open_stores(self.folder, read_only=True) as stores:
            return stores.control.history()

    def load(
        self, variables: dict[str, str] | None = None, *, history: bool = False, progress: Progress = silent
    ) -> LoadReport:
        """Load every source of the published definitions; whatever is there already is not counted twice.

        ``variables`` stand for ``${name}`` in the sources; with ``history`` events count as known at their own
        time. Raises :class:`UserError` where definitions or files are at fault.
        """
        with self._access.intake(history=history, progress=progress) as intake:
            began = None if history else intake.stamps() - 1
            loading.load_sources(intake, self.folder, variables or {}, progress)
            return releasing.loaded(intake, since=began, progress=progress)

    def load_messages(self, files: Sequence[Path], *, history: bool = False, progress: Progress = silent) -> LoadReport:
        """Load files of Segment-spec messages, one JSON object a line, plain or gzipped."""
        with self._access.intake(history=history, progress=progress) as intake:
            began = None if history else intake.stamps() - 1
            loading.load_messages(intake, files, progress)
            return releasing.loaded(intake, since=began, progress=progress)

    def replay_rejected(self, variables: dict[str, str] | None = None, *, progress: Progress = silent) -> LoadReport:
        """Try what was rejected once more under the published definitions."""
        with self._access.intake(history=False, progress=progress) as intake:
            began = intake.stamps() - 1
            loading.replay(intake, self.folder, variables or {})
            return releasing.loaded(intake, since=began, progress=progress)

    def rejections(self, *, limit: int = 20) -> list[RejectedItem]:
        """Return the oldest open rejections."""
        with open_stores(self.folder, read_only=True) as stores:
            return Rejects(stores).listed(limit=limit)

    def status(self) -> Status:
        """Say how the workspace stands."""
        draft = digest_of(read_files(self.folder))
        reader = self._access.reader(draft=False, progress=silent)
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

    def verify(
        self,
        *,
        at: Moment = None,
        known: Moment = None,
        sample: int | None = verifying.SAMPLE,
        seed: int = 0,
        progress: Progress = silent,
    ) -> Verification:
        """Recompute from the log, by the oracle, what is served of some customers (None: of all), and compare."""
        return verifying.verify_workspace(self._access, at=at, known=known, sample=sample, seed=seed, progress=progress)

    def genome(
        self,
        customer: str,
        *,
        at: Moment = None,
        known: Moment = None,
        long: bool = False,
        markers: bool = True,
        draft: bool = False,
        progress: Progress = silent,
    ) -> Genome:
        """Return the genome of one customer at a moment (now), of what was known then (everything).

        ``long`` adds lineage; without ``markers`` nobody else is read. Raises :class:`UserError` for an unknown
        customer or a time that is none.
        """
        reader = self._access.reader(draft=draft, progress=progress)
        now, until = self._access.moment(reader, at), self._access.until(reader, known)
        return reader.genome(customer, now=now, known=until, long=long, markers=markers, progress=progress)

    def genomes(
        self, *, at: Moment = None, known: Moment = None, visitors: bool = False, draft: bool = False
    ) -> pa.Table:
        """Return the genomes of all customers as one Arrow table: ``customer``, then a column a feature."""
        import pyarrow as pa

        reader = self._access.reader(draft=draft, progress=silent)
        now = self._access.moment(reader, at)
        return pa.concat_tables(self._tables(reader, now, self._access.until(reader, known), visitors=visitors))

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
        reader = self._access.reader(draft=draft, progress=progress)
        now = self._access.moment(reader, at)
        tables = self._tables(reader, now, self._access.until(reader, known), visitors=visitors, progress=progress)
        return Exported(write(tables, to), format_instant(now), reader.definitions.digest)

    def _tables(
        self, reader: Reader, now: int, known: int, *, visitors: bool, progress: Progress = silent
    ) -> Iterator[pa.Table]:
        from onefold.workspace.export import to_arrow

        done, empty, membership = 0, True, reader.results().membership
        for roots, rows, people in reader.people(known=known, visitors=visitors):
            done, empty = done + len(roots), False
            genomes = reader.engine().read(rows, people, now=now, known=known)
            inside = membership.read(rows, people, now=now, known=known).inside
            yield to_arrow(genomes, reader.names(roots), inside)
            progress("Reading genomes", done, None)
        if empty:
            nobody = {name: np.zeros(0, bool) for name in reader.definitions.segments.segments}
            yield to_arrow(reader.nobody(now), [], nobody)


def open_bank(folder: Path | str, *, clock: Clock = system_clock) -> Bank:
    """Open a workspace folder."""
    return Bank(Path(folder), clock=clock)
