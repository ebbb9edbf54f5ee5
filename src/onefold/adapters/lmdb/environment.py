"""An LMDB environment that opens whatever it finds, grows by itself, and keeps growth apart from reads."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, TypeVar

import lmdb

from onefold.adapters.lmdb.mark import Mark
from onefold.core.errors import StorageError

T = TypeVar("T")
_Opened: TypeAlias = "tuple[lmdb.Environment, dict[str, lmdb._Database]]"
MAX_READERS = 512
_PAUSE = 0.0002
_DAMAGE = (lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.InvalidError, lmdb.PanicError, lmdb.BadTxnError)
_GENERATION = re.compile(r"[0-9a-f]{16}-\d{1,3}")


class Environment:
    """One generation of a store: the folder ``<root>/<name>`` with an LMDB file, written by one process.

    Opened for writing, it discards what cannot be believed (torn by a power loss, damaged, foreign) and every
    other generation, for all of it is rebuilt from the log. Opened ``readonly`` it touches nothing. Raises
    :class:`StorageError` where another process writes, or where there is nothing to read.

    ``databases`` says of each named database whether it holds many fixed-size values a key; ``handles``
    opens them.
    """

    def __init__(self, root: Path, name: str, *, databases: Mapping[str, bool], map_bytes: int, readonly: bool) -> None:
        self._folder = root / name
        self._mark = Mark(self._folder / "data.mdb")
        self._readonly = readonly
        self._databases = databases
        self._gate = _Gate()
        self._damaged = False
        self._lock: int | None = None
        if not readonly:
            _make_folder(root)
            self._lock = _lock(root / "writer.lock")
        try:
            self._env, self.handles = self._open(root, map_bytes)
        except BaseException:
            self._unlock()
            raise

    def read(self, work: Callable[[lmdb.Transaction], T]) -> T:
        """Run a function in a read transaction; the buffers it sees are valid only inside."""
        while True:
            try:
                with self._gate, self._env.begin(buffers=True) as txn:
                    return work(txn)
            except lmdb.MapResizedError:
                self._resize(0)
            except lmdb.Error as error:
                raise self._failure(error) from error

    def write(self, work: Callable[[lmdb.Transaction], None]) -> None:
        """Run a function in a write transaction, whole or not at all; again where the map had to grow."""
        while True:
            try:
                with self._gate, self._env.begin(write=True) as txn:
                    work(txn)
                return
            except lmdb.MapFullError:
                self._resize(2 * self._env.info()["map_size"])
            except lmdb.MapResizedError:
                self._resize(0)
            except lmdb.Error as error:
                raise self._failure(error) from error

    def close(self) -> None:
        """Sync and close; calling it again does nothing."""
        if self._lock is not None:
            self._env.sync(True)
            self._env.close()
            if not self._damaged:
                self._mark.closed()
            self._unlock()
        self._env.close()

    def _open(self, root: Path, map_bytes: int) -> _Opened:
        if self._readonly:
            return self._open_to_read(map_bytes)
        _remove_others(root, self._folder.name)
        if not self._mark.believable():
            _discard(self._folder)
        self._folder.mkdir(exist_ok=True)
        self._mark.opened()
        try:
            return self._open_file(map_bytes)
        except lmdb.Error:
            _discard(self._folder)
            self._folder.mkdir()
            self._mark.opened()
            return self._open_file(map_bytes)

    def _open_to_read(self, map_bytes: int) -> _Opened:
        try:
            if self._mark.believable():
                return self._open_file(map_bytes)
        except lmdb.Error as error:
            raise self._failure(error) from error
        raise StorageError(f"{self._folder}: no timelines to read. Load the log into them first.")

    def _open_file(self, map_bytes: int) -> _Opened:
        env = lmdb.open(
            str(self._folder),
            map_size=map_bytes,
            readonly=self._readonly,
            sync=False,
            metasync=False,
            readahead=False,
            max_dbs=8,
            max_readers=MAX_READERS,
        )
        try:
            env.reader_check()
            return env, {name: self._handle(env, name, many) for name, many in self._databases.items()}
        except BaseException:
            env.close()
            raise

    def _handle(self, env: lmdb.Environment, name: str, many: bool) -> lmdb._Database:
        return env.open_db(name.encode(), create=not self._readonly, dupsort=many, dupfixed=many)

    def _resize(self, map_bytes: int) -> None:
        with self._gate.alone():
            self._env.set_mapsize(map_bytes)

    def _failure(self, error: lmdb.Error) -> StorageError:
        if not isinstance(error, _DAMAGE):
            return StorageError(f"{self._folder}: {error}. Nothing was written; free some space or mend the disk.")
        self._damaged = True
        if self._lock is not None:
            self._mark.damaged()
        return StorageError(f"{self._folder}: damaged ({error}). Close it and run again: the log rebuilds it.")

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class _Gate:
    """Many transactions at a time, or one change of the map's size: LMDB forbids the two together.

    Adding to a set and taking from it are single steps of the interpreter, a tenth of the price of a lock.
    Who comes in says so first and looks second; who closes the gate does so first and looks second: one of
    them sees the other.
    """

    def __init__(self) -> None:
        self._inside: set[int] = set()
        self._closed = False
        self._one = threading.Lock()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no transaction runs, and let none begin meanwhile."""
        with self._one:
            self._closed = True
            try:
                while self._inside:
                    time.sleep(_PAUSE)
                yield
            finally:
                self._closed = False

    def __enter__(self) -> None:
        me = threading.get_ident()
        self._inside.add(me)
        while self._closed:
            self._inside.discard(me)
            time.sleep(_PAUSE)
            self._inside.add(me)

    def __exit__(self, *_: object) -> None:
        self._inside.discard(threading.get_ident())


def _make_folder(root: Path) -> None:
    if root.exists() and not root.is_dir():
        root.replace(root.with_name(root.name + ".damaged"))
    root.mkdir(parents=True, exist_ok=True)


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StorageError(
            f"{path.parent}: another process writes to it. Stop that one, or open it to read."
        ) from error
    return handle


def _remove_others(root: Path, name: str) -> None:
    for other in root.iterdir():
        if other.name != name and _GENERATION.fullmatch(other.name):
            _discard(other)


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
