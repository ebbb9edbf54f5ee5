"""The faulty twin of ``Storage``: a disk that forgets, tears and reorders whatever was not synced when power
fails.

The model: sectors of 512 bytes reach the disk whole or not at all, in any order; the size of a file and its
name in the folder may reach it without the bytes, or not at all; ``replace`` and ``remove`` are atomic and
durable.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from onefold.adapters.files.memory import MemoryStorage

SECTOR = 512


class PowerLoss(BaseException):
    """The power failed in the middle of an operation; no code of the program may run on or catch it as an
    error.
    """


class Fuse:
    """Counts the operations of all storages that hang on it, and blows at one of them."""

    def __init__(self, blows_at: int | None = None) -> None:
        self.operations, self._blows_at = 0, blows_at

    def tick(self) -> None:
        self.operations += 1
        if self.operations == self._blows_at:
            raise PowerLoss


@dataclass(eq=False)
class _File:
    durable: bytes = b""
    cached: bytearray = field(default_factory=bytearray)
    steps: list[bytes] = field(default_factory=list)
    """What the file held after each unsynced operation."""

    def settle(self, rng: random.Random) -> bytes:
        """Return what is on the disk after the power failed."""
        final = bytes(self.cached)
        mode = rng.choice(["none", "all", "prefix", "sectors", "size only"])
        if mode == "none" or not self.steps:
            return self.durable
        if mode == "all":
            return final
        before = [self.durable, *self.steps]
        index = rng.randrange(len(self.steps))
        old, new = before[index], before[index + 1]
        if not final.startswith(self.durable):  # cut and written anew: old sectors may stand beside new ones
            return rng.choice([old, new, _mixed_sectors(self.durable, final, rng)])
        if len(new) < len(old):
            return rng.choice([old, new])
        if mode == "prefix":
            boundaries = range((len(old) // SECTOR + 1) * SECTOR, len(new), SECTOR)
            return new[: rng.choice([len(old), *boundaries])]
        return _some_sectors(self.durable, final, rng, keep=0.0 if mode == "size only" else rng.choice([0.2, 0.5, 0.9]))


def _mixed_sectors(old: bytes, new: bytes, rng: random.Random) -> bytes:
    size = rng.choice([len(old), len(new)])
    starts = range(0, size, SECTOR)
    return b"".join(rng.choice([old, new])[at : at + SECTOR].ljust(SECTOR, b"\0") for at in starts)[:size]


def _some_sectors(old: bytes, new: bytes, rng: random.Random, *, keep: float) -> bytes:
    size = rng.choice([len(new), *range((len(old) // SECTOR + 1) * SECTOR, len(new), SECTOR)])
    image = bytearray(old.ljust(size, b"\0"))
    for start in range(len(old) // SECTOR * SECTOR, size, SECTOR):
        if rng.random() < keep:
            image[start : min(start + SECTOR, size)] = new[start : min(start + SECTOR, size)]
    return bytes(image)


class FaultyStorage:
    """Fulfils ``Storage``; ``honest=False`` is the broken build whose syncs do nothing."""

    def __init__(
        self,
        rng: random.Random,
        *,
        files: dict[str, bytes] | None = None,
        fuse: Fuse | None = None,
        honest: bool = True,
    ) -> None:
        self._rng, self._honest = rng, honest
        self.fuse = fuse or Fuse()
        self._files = {name: _File(data, bytearray(data)) for name, data in (files or {}).items()}
        self._named = dict(self._files)

    def names(self) -> list[str]:
        return sorted(self._files)

    def read(self, name: str) -> bytes:
        if name not in self._files:
            raise FileNotFoundError(name)
        return bytes(self._files[name].cached)

    def append(self, name: str, data: bytes) -> None:
        file = self._files.setdefault(name, _File())
        file.cached += data
        file.steps.append(bytes(file.cached))
        self.fuse.tick()

    def truncate(self, name: str, size: int) -> None:
        file = self._files.setdefault(name, _File())
        del file.cached[size:]
        file.steps.append(bytes(file.cached))
        self.fuse.tick()

    def sync(self, name: str) -> None:
        self.fuse.tick()
        file = self._files[name]
        if self._honest:
            file.durable, file.steps = bytes(file.cached), []
            self._named[name] = file

    def replace(self, name: str, data: bytes) -> None:
        new = _File(data, bytearray(data)) if self._honest else _File(b"", bytearray(data), [data])
        done = self._rng.random() < 0.5
        if done:
            self._files[name] = new
            self._named[name] = new
        self.fuse.tick()
        self._files[name] = new
        if self._honest:
            self._named[name] = new

    def remove(self, name: str) -> None:
        if name not in self._files:
            raise FileNotFoundError(name)
        if self._rng.random() < 0.5:
            self._named.pop(name, None)
        self.fuse.tick()
        del self._files[name]
        self._named.pop(name, None)

    def after_power_loss(self) -> dict[str, bytes]:
        """Return the files that a machine finds when it starts again."""
        found = {name: file.settle(self._rng) for name, file in self._named.items()}
        for name, file in self._files.items():
            if name not in found and self._rng.random() < 0.5:
                found[name] = file.settle(self._rng)
        return found

    def restarted(self) -> FaultyStorage:
        """Return the disk of a machine whose power failed and came back."""
        return FaultyStorage(self._rng, files=self.after_power_loss(), honest=self._honest)


class RefusingStorage(MemoryStorage):
    """A disk that refuses one kind of operation from a given time on: set ``refuses`` and ``error``.

    A refused append leaves half of its bytes behind, as a full disk does.
    """

    refuses = ""
    error: Exception = OSError()

    def append(self, name: str, data: bytes) -> None:
        if self.refuses == "append":
            super().append(name, data[: len(data) // 2])
            raise self.error
        super().append(name, data)

    def sync(self, name: str) -> None:
        if self.refuses == "sync":
            raise self.error
        super().sync(name)

    def replace(self, name: str, data: bytes) -> None:
        if self.refuses == "replace":
            raise self.error
        super().replace(name, data)
