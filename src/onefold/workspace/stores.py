"""Where a workspace keeps things, opened together: keys, log, rejections, control store, timelines.

.onefold/keys        data keys, and the master key unless the environment holds it; never in a backup with the rest
.onefold/log         the truth: every accepted event, sealed
.onefold/rejected    what was not accepted, sealed, with the reason
.onefold/control.db  published definitions
.onefold/timelines   LMDB; rebuilt from the log at will
.onefold/decisions.db  where each decision stands in the log; rebuilt at will
.onefold/changes     the journal of segment changes
.onefold/alarms      when time changes a segment of whom; worked out anew at will
.onefold/columns     genomes and values of the population, computed before; deleted at will
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from onefold.adapters.files.lock import FolderLock
from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.master import load_master
from onefold.adapters.files.storage import FolderStorage
from onefold.adapters.files.vault import FileVault
from onefold.adapters.lmdb.timelines import LmdbTimelines
from onefold.adapters.sqlite.control import SqliteControl
from onefold.adapters.sqlite.decisions import SqliteDecisions
from onefold.core.errors import Place, Problem, StorageError, UserError
from onefold.governance.records import RecordCodec
from onefold.governance.seeds import Seeds
from onefold.profiles.layout import Layout
from onefold.workspace.files import refuse_other_folders

DATA = ".onefold"
TIMELINES, DRAFT, COLUMNS, ALARMS = "timelines", "draft", "columns", "alarms"


class InUseError(UserError):
    """Another process writes to the workspace."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The open stores of a workspace; ``read_only`` beside a process that writes."""

    folder: Path
    read_only: bool
    vault: FileVault
    codec: RecordCodec
    log: SegmentedLog
    rejected: SegmentedLog
    control: SqliteControl
    seeds: Seeds

    def decisions(self) -> SqliteDecisions:
        """Open the decision store; it may lag behind the log."""
        return SqliteDecisions(self.folder / "decisions.db")

    def changes(self) -> SegmentedLog:
        """Open the journal of segment changes."""
        return SegmentedLog(FolderStorage(self.folder / "changes"), name="changes", read_only=self.read_only)

    def timelines(self, layout: Layout, *, draft: bool = False) -> LmdbTimelines:
        """Open the timelines of a layout; they may lag behind the log.

        Those of a draft stand in a folder of their own, so that trying it out leaves the published ones alone.
        """
        return LmdbTimelines(self.folder / (DRAFT if draft else TIMELINES), layout, readonly=self.read_only)

    def lags(self, layout: Layout, *, draft: bool = False) -> bool:
        """Whether the timelines of a layout are missing or lack records of the log."""
        applied = self.applied(layout, draft=draft)
        return applied is None or applied < self.log.last()

    def applied(self, layout: Layout, *, draft: bool = False) -> int | None:
        """Return up to which record of the log the timelines of a layout are; None where they are missing."""
        try:
            timelines = LmdbTimelines(self.folder / (DRAFT if draft else TIMELINES), layout, readonly=True)
        except StorageError:
            return None
        try:
            return timelines.state()[0]
        finally:
            timelines.close()


@contextmanager
def open_stores(workspace: Path, *, read_only: bool) -> Iterator[Stores]:
    """Open the stores of a workspace, for one writing process or any number of reading ones.

    Raises :class:`InUseError` where another process writes, :class:`UserError` where there is nothing to read yet or
    the keys are missing, :class:`StorageError` where the folder cannot be used.
    """
    with ExitStack() as stack:
        try:
            stores = _opened(stack, workspace, read_only=read_only)
        except OSError as error:
            why = f"{error.filename or workspace / DATA}: {error.strerror or error}"
            raise StorageError(f"{why}. Give this user read and write access to it.") from error
        yield stores


def _locked(folder: Path) -> FolderLock:
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        return FolderLock(folder)
    except UserError as error:
        raise InUseError(error.problems) from error


def _refuse_without_keys(folder: Path) -> None:
    """Refuse a log whose keys are gone: a fresh master key would give everybody another pseudonym."""
    if any((folder / "keys").glob("keys-*")) or not any((folder / "log").glob("log-*")):
        return
    why = "the log holds events, but the keys that open them are missing"
    remedy = "Restore this folder from the backup of the keys; without them nothing of the log can be read."
    raise UserError(Problem("no keys", why, remedy, Place(str(folder / "keys"))))


def _opened(stack: ExitStack, workspace: Path, *, read_only: bool) -> Stores:
    folder = workspace / DATA
    if not read_only:
        stack.callback(_locked(folder).release)
    elif not (folder / "control.db").exists():
        refuse_other_folders(workspace)
        why = "nothing was loaded or published here yet"
        raise UserError(Problem(f"{workspace}", why, "Run `onefold load` first."))
    _refuse_without_keys(folder)
    keys = FolderStorage(folder / "keys")
    master = load_master(keys, os.environ)
    vault = FileVault(keys, master, read_only=read_only)
    stack.callback(vault.close)
    log = SegmentedLog(FolderStorage(folder / "log"), read_only=read_only)
    stack.callback(log.close)
    rejected = SegmentedLog(FolderStorage(folder / "rejected"), name="rejected", read_only=read_only)
    stack.callback(rejected.close)
    control = SqliteControl(folder / "control.db")
    stack.callback(control.close)
    codec = RecordCodec(vault, master.workspace_key)
    return Stores(folder, read_only, vault, codec, log, rejected, control, Seeds(master.workspace_key))
