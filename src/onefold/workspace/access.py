"""Opens a workspace for whoever asks: readers of the published or the draft definitions, and the one that writes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from onefold.core.errors import Problem, UserError
from onefold.core.instant import from_datetime
from onefold.core.ports import Clock
from onefold.features.engine import FOREVER
from onefold.profiles.layout import Layout
from onefold.workspace.catch_up import Progress, catch_up, silent
from onefold.workspace.definitions import Definitions, read_definitions
from onefold.workspace.files import read_files
from onefold.workspace.live import Live
from onefold.workspace.loading import OpenIntake
from onefold.workspace.publishing import in_force, published_definitions
from onefold.workspace.reader import Reader
from onefold.workspace.session import session_of
from onefold.workspace.stores import InUseError, open_stores

Moment = str | datetime | None
"""ISO 8601 text (a date alone is 00:00 in the workspace's zone), an aware ``datetime``, or None."""


class Access:
    """A workspace folder, its clock, and what is open of it. Several of one folder share what they keep open."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self.session = session_of(folder)

    def close(self) -> None:
        """Let go of all files; the next question opens them again."""
        self.session.close()

    def intake(self, *, history: bool, progress: Progress) -> OpenIntake:
        """Open the workspace for a load."""
        self.close()
        return OpenIntake(self.folder, clock=self.clock, history=history, progress=progress)

    def live(self, progress: Progress = silent) -> Live:
        """Return the workspace open for reading and writing; it stays so, and others cannot write, until closed.

        Raises :class:`UserError` where nothing is published yet: only a load publishes by itself.
        """
        with self.session.lock:
            if self.session.live is None:
                with open_stores(self.folder, read_only=True) as stores:
                    in_force(stores)
                self.close()
                opened = self.session.stack().enter_context(self.intake(history=False, progress=progress))
                self.session.live = Live(opened)
                self.session.stack().callback(self.session.live.close)
            return self.session.live

    def reader(self, *, draft: bool = False, progress: Progress = silent) -> Reader:
        """Return an open reader of the published (or draft) definitions whose timelines are caught up."""
        with self.session.lock:
            if self.session.live is not None and not draft:
                return self.session.live.reader
            reader = self.session.readers.get(draft)
            if reader is None or not self._is_current(reader, draft=draft):
                reader = self._opened(draft=draft, progress=progress)
            return reader

    def both(self, *, progress: Progress = silent) -> tuple[Reader | None, Reader]:
        """Return readers of the published definitions (None before the first publication) and of the draft."""
        with self.session.lock:
            self.close()
            with open_stores(self.folder, read_only=True) as stores:
                published = stores.control.published() is not None
            before = self.reader(progress=progress) if published else None
            return before, self.reader(draft=True, progress=progress)

    def _opened(self, *, draft: bool, progress: Progress) -> Reader:
        if draft and self.session.live is not None:
            self.close()  # the draft's timelines may have to be built, and only one may write
        self.session.close_reader(draft=draft)
        definitions = read_definitions(read_files(self.folder)) if draft else None
        self._bring_up(definitions, progress, draft=draft)
        stack = self.session.stack(draft=draft)
        stores = stack.enter_context(open_stores(self.folder, read_only=True))
        definitions = definitions or published_definitions(stores)
        timelines = stores.timelines(Layout(definitions.schema), draft=draft)
        stack.callback(timelines.close)
        self.session.readers[draft] = Reader(stores, timelines, definitions)
        return self.session.readers[draft]

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

    def moment(self, reader: Reader, at: Moment) -> int:
        """Return the instant asked about; the present where none is stated."""
        return self.clock() if at is None else instant(reader, at, "--at")

    @staticmethod
    def until(reader: Reader, known: Moment) -> int:
        """Return the instant up to which arrivals count; for ever where none is stated."""
        return FOREVER if known is None else instant(reader, known, "--known")


def instant(reader: Reader, moment: str | datetime, option: str) -> int:
    """Read a moment; raise :class:`UserError` that names the option where it is none."""
    try:
        if isinstance(moment, datetime):
            return from_datetime(moment)
        return reader.definitions.config.zone.parse(moment)
    except (ValueError, TypeError) as error:
        why = str(error) or "it is no time"
        raise UserError(
            Problem(f"{option} {moment}", why, "Write ISO 8601, such as 2026-05-04T09:00:00Z or 2026-05-04.")
        ) from error
