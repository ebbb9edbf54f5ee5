"""Power loss, simulated: nothing acknowledged is lost, nothing is invented, order and groups hold, keys are
there.
"""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field

import pytest
from tests.oracles.storage import FaultyStorage, Fuse, PowerLoss

from onefold.adapters.files.frames import decode_header, encode_group
from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.master import MasterKey
from onefold.adapters.files.memory import MemoryStorage
from onefold.adapters.files.vault import FileVault
from onefold.core.event import Event
from onefold.governance.records import RecordCodec

MASTER = MasterKey.derive(bytes(range(32)))


@dataclass
class World:
    """One machine: two folders on one power line, and what the client of the log was told."""

    rng: random.Random
    honest: bool = True
    keys_first: bool = True
    disks: list[FaultyStorage] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    in_flight: list[str] = field(default_factory=list)
    counter: int = 0

    def live(self, blows_at: int | None) -> None:
        """Open, check what is there, write until the process ends; often the power fails with it."""
        fuse = Fuse(blows_at)
        if not self.disks:
            self.disks = [FaultyStorage(self.rng, honest=self.honest) for _ in range(2)]
        for disk in self.disks:
            disk.fuse = fuse
        with contextlib.suppress(PowerLoss):
            vault = FileVault(self.disks[0], MASTER)
            codec = RecordCodec(vault, MASTER.workspace_key)
            log = SegmentedLog(self.disks[1], segment_bytes=1500)
            self.check(log, codec)
            for _ in range(self.rng.randrange(1, 12)):
                self.commit(vault, codec, log)
        if self.rng.random() < 0.7:  # else the page cache survives, and what was not synced is still not durable
            self.disks = [disk.restarted() for disk in self.disks]

    def commit(self, vault: FileVault, codec: RecordCodec, log: SegmentedLog) -> None:
        size = self.rng.choice([1, 1, 2, 3, 9])
        names = [f"m{self.counter + number}" for number in range(size)]
        self.counter += size
        events = [self._event(name) for name in names]
        self.in_flight = names
        payloads = [codec.encode(event, 5) for event in events]
        if self.keys_first:
            vault.sync()
        log.append(payloads)
        if not self.keys_first:
            vault.sync()
        self.acknowledged += names
        self.in_flight = []

    def check(self, log: SegmentedLog, codec: RecordCodec) -> None:
        records = list(log.records())
        assert [seq for seq, _ in records] == list(range(1, log.last() + 1))
        events = [codec.decode(payload).event for _, payload in records]
        found = [event.message_id for event in events if event is not None]
        assert found in (self.acknowledged, self.acknowledged + self.in_flight)
        assert all(event == self._event(event.message_id) for event in events if event is not None)
        self.acknowledged, self.in_flight = found, []

    def _event(self, name: str) -> Event:
        number = int(name[1:])
        node = f"user:{number % 7 if number % 3 else number}x"
        return Event(node=node, name="e", time=number, message_id=name, properties={"text": "z" * (number * 37 % 900)})


def survive(seed: int, *, honest: bool = True, keys_first: bool = True) -> None:
    """Live through several power losses and check after each."""
    rng = random.Random(seed)
    world = World(rng, honest, keys_first)
    for _ in range(rng.randrange(1, 5)):
        world.live(rng.choice([None, rng.randrange(1, 8), rng.randrange(1, 40)]))
    world.live(1_000_000)


@pytest.mark.parametrize("batch", range(8))
def test_nothing_acknowledged_is_lost(batch: int) -> None:
    for seed in range(batch * 250, (batch + 1) * 250):
        try:
            survive(seed)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error


@pytest.mark.nightly
@pytest.mark.parametrize("batch", range(40))
def test_nothing_acknowledged_is_lost_in_many_lives(batch: int) -> None:
    for seed in range(10_000 + batch * 500, 10_000 + (batch + 1) * 500):
        survive(seed)


def count_losses(*, honest: bool, keys_first: bool) -> int:
    losses = 0
    for seed in range(100):
        try:
            survive(seed, honest=honest, keys_first=keys_first)
        except Exception:
            losses += 1
    return losses


def test_the_same_test_finds_a_build_without_fdatasync() -> None:
    assert count_losses(honest=False, keys_first=True) > 50


def test_the_same_test_finds_a_build_that_syncs_the_keys_after_the_log() -> None:
    assert count_losses(honest=True, keys_first=False) > 10


def test_what_is_written_over_a_healed_tail_is_never_mixed_with_it() -> None:
    """Sectors of the torn group that come back beside those of the next one would look like damage."""
    for seed in range(400):
        rng = random.Random(seed)
        storage = MemoryStorage()
        with SegmentedLog(storage) as log:
            log.append([b"early"])
        name = storage.names()[0]
        data = storage.read(name)
        salt = decode_header(data, name).salt
        storage.append(name, encode_group([b"torn" * 900], salt=salt, first_seq=2, offset=len(data))[:3000])
        disk = FaultyStorage(rng, files=storage.files(), fuse=Fuse(rng.randrange(1, 6)))
        with contextlib.suppress(PowerLoss):
            SegmentedLog(disk).append([b"next" * rng.choice([100, 600, 900])])
        found = [payload[:5] for _, payload in SegmentedLog(disk.restarted()).records()]
        assert found in ([b"early"], [b"early", b"nextn"]), seed
