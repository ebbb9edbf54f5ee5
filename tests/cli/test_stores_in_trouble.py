"""Two at a time, damage, missing keys, forbidden folders: clear words, and never a wrong answer."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.acceptance.command import Onefold, alone, started
from tests.acceptance.shop import Shop, identify, track

from onefold.adapters.files.lock import FolderLock

NOBODY = 65534


def loaded(shop: Shop, logins: int = 200) -> None:
    shop.send(*(track("login", f"2026-05-04T09:00:00.{at:06}Z") for at in range(logins)))


def test_two_loads_at_once(shop: Shop, onefold: Onefold) -> None:
    loaded(shop)
    path = shop.file([track("login")], "more.jsonl")
    held = FolderLock(shop.folder / ".onefold")
    try:
        done = onefold("load", "-w", shop.folder, "--messages", path)
        assert done.status == 1
        assert "the workspace is in use" in done.err
        assert "Wait for it" in done.err
        assert onefold("apply", "-w", shop.folder).status == 1
    finally:
        held.release()
    onefold("load", "-w", shop.folder, "--messages", path).fine()


def test_two_real_loads_at_once_lose_nothing(shop: Shop) -> None:
    path = shop.file(track("login", f"2026-05-04T09:00:00.{at:06}Z") for at in range(8_000))
    both = [started("load", "-w", shop.folder, "--messages", path) for _ in range(2)]
    errors = [process.communicate(timeout=120)[1].decode() for process in both]
    statuses = sorted(process.returncode for process in both)
    assert statuses in ([0, 0], [0, 1])
    assert statuses == [0, 0] or any("the workspace is in use" in error for error in errors)
    assert shop.features("u1")["logins"] == 8_000


def test_reading_beside_a_load(shop: Shop, onefold: Onefold) -> None:
    """Another process writes, and its log is ahead of the timelines: what they hold is read."""
    loaded(shop)
    copy = shop.folder.parent / "before"
    shutil.copytree(shop.folder / ".onefold" / "timelines", copy)
    shop.send(track("login"))
    shop.bank.close()
    shutil.rmtree(shop.folder / ".onefold" / "timelines")
    shutil.copytree(copy, shop.folder / ".onefold" / "timelines")
    held = FolderLock(shop.folder / ".onefold")
    try:
        for words in (["genome", "u1", "--json"], ["status", "--json"], ["rejected", "list", "--json"]):
            onefold(*words, "-w", shop.folder).fine()
        assert onefold("genome", "u1", "-w", shop.folder, "--json").json["features"]["logins"] in (200, 201)
    finally:
        held.release()
    assert onefold("genome", "u1", "-w", shop.folder, "--json").json["features"]["logins"] == 201


def test_reading_beside_a_real_load(shop: Shop) -> None:
    loaded(shop)
    path = shop.file(track("login", f"2026-05-05T09:00:00.{at:06}Z", f"u{at % 50}") for at in range(12_000))
    load = started("load", "-w", shop.folder, "--messages", path)
    counts = []
    while load.poll() is None:
        counts.append(shop.features("u1")["logins"])
        time.sleep(0.05)
    assert load.communicate(timeout=60)[1] == b""
    assert load.returncode == 0
    assert counts == sorted(counts)
    assert shop.features("u1")["logins"] == 440
    assert shop.features("u7")["logins"] == 240


def test_an_open_bank_sees_what_another_process_loads(shop: Shop) -> None:
    shop.send(track("login"))
    assert shop.features("u1")["logins"] == 1
    path = shop.file([track("login"), track("login", user="u2"), track("card_purchase", user="u2", category="new")])
    alone("load", "-w", shop.folder, "--messages", path).fine()
    assert shop.features("u1")["logins"] == 2
    assert shop.bank.genome("u2").customer == "user:u2"  # its key came after the bank was opened
    assert {row["customer"] for row in shop.bank.genomes().to_pylist()} == {"user:u1", "user:u2"}


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_a_damaged_log(shop: Shop, onefold: Onefold, share: float) -> None:
    loaded(shop)
    shop.send(identify(region="north"))
    shop.bank.close()
    [log] = (shop.folder / ".onefold" / "log").glob("log-*.seg")
    flip(log, int(log.stat().st_size * share))
    genome = ("genome", "u1", "-w", shop.folder, "--json")
    first = onefold(*genome)
    assert first.status == 3 or (first.json["features"]["logins"], first.json["features"]["region"]) == (200, "north")
    shutil.rmtree(shop.folder / ".onefold" / "timelines")
    for words in (genome, genome, ("export", "genomes", "-w", shop.folder, "--to", shop.folder / "x.csv")):
        done = onefold(*words)
        assert (done.status, done.out) == (3, "")
        assert log.name in done.err
        assert "damaged at byte" in done.err
        assert "backup" in done.err
    assert onefold("load", "-w", shop.folder, "--messages", shop.file([track("login")])).status == 3


def test_missing_keys(shop: Shop, onefold: Onefold) -> None:
    loaded(shop)
    shop.bank.close()
    path = shop.file([track("login")], "more.jsonl")
    whole = shop.folder / ".onefold" / "keys"
    aside = shop.folder.parent / "keys"
    whole.rename(aside)
    for words in (["genome", "u1"], ["status"], ["load", "--messages", path], ["apply"]):
        done = onefold(*words, "-w", shop.folder)
        assert done.status == 1, words
        assert "keys" in done.err
        assert "Restore" in done.err
    shutil.rmtree(whole, ignore_errors=True)
    aside.rename(whole)
    assert onefold("genome", "u1", "-w", shop.folder, "--json").fine().json["features"]["logins"] == 200


def test_a_missing_or_foreign_master_key(shop: Shop, onefold: Onefold, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(shop)
    shop.bank.close()
    key = shop.folder / ".onefold" / "keys" / "master.key"
    kept = key.read_bytes()
    key.unlink()
    done = onefold("genome", "u1", "-w", shop.folder)
    assert done.status == 1
    assert "master key" in done.err
    monkeypatch.setenv("ONEFOLD_MASTER_KEY", "A" * 43 + "=")
    assert onefold("genome", "u1", "-w", shop.folder).status == 1
    monkeypatch.setenv("ONEFOLD_MASTER_KEY", "short")
    assert onefold("genome", "u1", "-w", shop.folder).status == 1
    monkeypatch.delenv("ONEFOLD_MASTER_KEY")
    key.write_bytes(kept)
    onefold("genome", "u1", "-w", shop.folder).fine()


@pytest.fixture
def open_shop() -> Iterator[Shop]:
    """A workspace that other users of the machine may reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield Shop(folder / "shop")


@contextmanager
def without_rights() -> Iterator[None]:
    """Act as a user who may do nothing, where the tests run as one who may do all."""
    mighty = os.geteuid() == 0
    if mighty:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if mighty:
            os.seteuid(0)


@pytest.mark.parametrize("mode", [0, stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH])
def test_a_folder_that_may_not_be_read_or_written(open_shop: Shop, onefold: Onefold, mode: int) -> None:
    shop = open_shop
    loaded(shop)
    path = shop.file([track("login")], "more.jsonl")
    commands: list[list[object]] = [["genome", "u1"], ["load", "--messages", path]]
    for words in commands:
        onefold(*words, "-w", shop.folder).fine()  # so that everything is imported by now
    shop.bank.close()
    data = shop.folder / ".onefold"
    data.chmod(mode)
    try:
        with without_rights():
            found = [onefold(*words, "-w", shop.folder) for words in commands]
    finally:
        data.chmod(stat.S_IRWXU)
    for done in found:
        assert done.status in (1, 3), done.err
        assert "internal fault" not in done.err
        assert "ccess" in done.err or "denied" in done.err
    onefold("genome", "u1", "-w", shop.folder).fine()


def test_where_a_file_stands_in_the_way(shop: Shop, onefold: Onefold) -> None:
    (shop.folder / ".onefold").write_text("")
    done = onefold("load", "-w", shop.folder, "--messages", shop.file([track("login")]))
    assert done.status == 3
    assert "internal fault" not in done.err
    assert str(shop.folder / ".onefold") in done.err


def test_nothing_is_kept_in_plain_text(shop: Shop) -> None:
    secrets = [
        "ann.smith@example.com", "Ann Smith", "4473-secret-id", "device-77-abc", "msg-id-9981", "98765.43", "9876543",
        "192.168.77.1", "free text of a complaint", "rejected-secret",
    ]  # fmt: skip
    shop.send(
        identify(user=secrets[2], anon=secrets[3], id=secrets[4], email=secrets[0], name=secrets[1], income=98765.43),
        {**track("card_purchase", user=secrets[2], amount=98765.43, category="open-category", note=secrets[8]),
         "context": {"ip": secrets[7]}},
        track("nosuch", user=secrets[2], note=secrets[9]),
        b'{"broken": "rejected-secret\n',
    )  # fmt: skip
    assert shop.features(secrets[2])["spend"] > 0
    shop.bank.close()
    found: dict[str, list[str]] = {}
    for path in (shop.folder / ".onefold").rglob("*"):
        raw = path.read_bytes() if path.is_file() else b""
        raw += path.name.encode()
        for text in [*secrets, "open-category"]:
            for form in (text.encode(), text.encode("utf-16-le"), json.dumps(text).encode()):
                if form in raw:
                    found.setdefault(text, []).append(path.relative_to(shop.folder).parts[1])
    assert set(found) == {"open-category"}  # texts of categories are kept for display and LIKE
    assert set(found["open-category"]) == {"timelines"}
