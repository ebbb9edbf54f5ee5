"""The answer is the same however the data came: in another order, twice, after a kill, after a rebuild."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.acceptance.command import sorted_lines, started
from tests.acceptance.czech import EXAMPLE, CzechBank

import onefold

MOMENTS = ("1996-02-29", "1997-03-30T10:00:00Z", "1998-12-31")
SOURCES = ("accounts", "cards", "clients", "consents", "loans", "transactions")
KEPT = 40
"""Every so manyth account stays in the small bank."""


def answers(folder: Path) -> list[Sequence[bytes]]:
    """Return the genomes of all at three moments, byte for byte, sorted by customer."""
    found = []
    with onefold.open(folder) as bank:
        for moment in MOMENTS:
            to = folder / "out.jsonl"
            bank.export_genomes(to, at=moment)
            found.append(sorted_lines(to))
    return found


def bank_at(folder: Path) -> Path:
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".onefold"))
    return folder


def lines(path: Path) -> tuple[str, list[str]]:
    head, *rows = path.read_text().splitlines()
    return head, rows


@pytest.fixture(scope="session")
def small(berka: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of raw files with few of the accounts, and those who belong to them."""
    folder = tmp_path_factory.mktemp("small")
    for path in berka.glob("*.csv"):
        head, rows = lines(path)
        names = [name.strip('" ') for name in head.split(";")]
        if "account_id" in names:
            at = names.index("account_id")
            rows = [row for row in rows if int(row.split(";")[at].strip('"')) % KEPT == 2]
        (folder / path.name).write_text("\n".join([head, *rows]) + "\n")
    _, owned = lines(folder / "disp.csv")
    people = {row.split(";")[1] for row in owned}
    cards = {row.split(";")[0] for row in owned}
    for name, at, wanted in (("client.csv", 0, people), ("card.csv", 1, cards)):
        head, rows = lines(folder / name)
        kept = [row for row in rows if row.split(";")[at] in wanted]
        (folder / name).write_text("\n".join([head, *kept]) + "\n")
    return folder


@pytest.fixture(scope="session")
def wanted(small: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Sequence[bytes]]:
    """What a load without any trouble gives of the few accounts."""
    folder = bank_at(tmp_path_factory.mktemp("wanted") / "bank")
    with onefold.open(folder) as bank:
        report = bank.load({"data": str(small)})
    assert report.rejected == 0
    found = answers(folder)
    assert len(found[-1]) > 100
    assert any(b'"net_flow":0.00' not in line for line in found[-1])
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_another_order_of_files_and_rows(small: Path, wanted: list[Sequence[bytes]], tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    shuffled = tmp_path / "data"
    shuffled.mkdir()
    for path in small.glob("*.csv"):
        head, rows = lines(path)
        dice.shuffle(rows)
        (shuffled / path.name).write_text("\n".join([head, *rows]) + "\n")
    folder = bank_at(tmp_path / "bank")
    for source in dice.sample(SOURCES, len(SOURCES)):  # one source after another, in an order of our own
        load_only(folder, source, shuffled)
    shutil.copytree(EXAMPLE / "sources", folder / "sources", dirs_exist_ok=True)
    with onefold.open(folder) as bank:
        bank.apply()
        report = bank.load({"data": str(shuffled)})
    assert sum(one.new for one in report.sources) == 0
    same(answers(folder), wanted)


def load_only(folder: Path, source: str, data: Path) -> None:
    shutil.rmtree(folder / "sources")
    (folder / "sources").mkdir()
    shutil.copy(EXAMPLE / "sources" / f"{source}.yaml", folder / "sources")
    with onefold.open(folder) as bank:
        bank.apply()
        bank.load({"data": str(data)})


def same(found: list[Sequence[bytes]], wanted: list[Sequence[bytes]]) -> None:
    for at, moment in enumerate(MOMENTS):
        assert found[at] == wanted[at], moment


def test_loading_twice_and_deleting_the_timelines(small: Path, wanted: list[Sequence[bytes]], tmp_path: Path) -> None:
    folder = bank_at(tmp_path / "bank")
    for _ in range(2):
        with onefold.open(folder) as bank:
            bank.load({"data": str(small)})
        same(answers(folder), wanted)
    shutil.rmtree(folder / ".onefold" / "timelines")
    same(answers(folder), wanted)


def killed_and_loaded_again(folder: Path, data: Path, delays: Sequence[float]) -> int:
    """Kill loads after so many seconds each, then load to the end; return how many were killed in their work."""
    killed = 0
    words = ("--workspace", folder, "load", "--var", f"data={data}")
    for delay in delays:
        process = started(*words)
        while not (folder / ".onefold" / "log").exists() and process.poll() is None:
            time.sleep(0.002)  # whatever comes before has nothing to lose
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL
    with onefold.open(folder) as bank:
        report = bank.load({"data": str(data)})
    assert all(one.accepted == one.read for one in report.sources)
    return killed


def test_killing_the_load(small: Path, wanted: list[Sequence[bytes]], tmp_path: Path) -> None:
    """Six kills in a row, each of which goes on where the last one died."""
    folder = bank_at(tmp_path / "bank")
    dice = random.Random(5)
    killed = killed_and_loaded_again(folder, small, [dice.uniform(0, 1.0) for _ in range(6)])
    assert killed >= 3
    same(answers(folder), wanted)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(20))
def test_killing_the_load_of_everything(
    czech: CzechBank, whole: list[Sequence[bytes]], tmp_path: Path, seed: int
) -> None:
    """Twenty fresh banks, each killed once at a random moment of its load."""
    folder = bank_at(tmp_path / "bank")
    delay = random.Random(seed).uniform(0, 6.0)
    killed_and_loaded_again(folder, czech.raw.folder, [delay])
    same(answers(folder), whole)


@pytest.fixture(scope="session")
def whole(czech: CzechBank) -> list[Sequence[bytes]]:
    """What the whole bank answers."""
    return answers(czech.folder)


def test_the_whole_bank_without_its_timelines(czech: CzechBank, whole: list[Sequence[bytes]], tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    shutil.copytree(czech.folder, folder, ignore=shutil.ignore_patterns("timelines", "out.jsonl"))
    same(answers(folder), whole)
