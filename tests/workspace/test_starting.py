"""Starter workspaces and simulated banks as folders: complete, checked, loadable, the same again."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from onefold.core.errors import StorageError, UserError
from onefold.simulator.block import BLOCK, FILES
from onefold.workspace import starting
from onefold.workspace.bank import open_bank
from onefold.workspace.starting import MAX_CUSTOMERS, MAX_DAYS, Simulated, init, simulate, starter_files, suggested


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Simulated]:
    """A simulated bank of 200 customers, not loaded; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("simulated") / "bank"
    return folder, simulate(folder, customers=200, seed=1)


@pytest.mark.parametrize("lean", [False, True])
def test_a_starter_passes_its_check(tmp_path: Path, *, lean: bool) -> None:
    done = init(tmp_path / "new" / "bank", lean=lean)
    folder = Path(done.folder)
    assert sorted(bytes_of(folder)) == list(done.files)
    definitions = open_bank(folder).check()
    assert {"onefold.yaml", "events.yaml", "placements.yaml", "policies.yaml", ".gitignore", "README.md"} < set(
        done.files
    )
    assert (folder / ".gitignore").read_text() == ".onefold/\n"
    own = [event for event in definitions.schema.events.values() if not event.reserved]
    assert (len(own) == 3) == lean
    assert len(definitions.mappings) == (3 if lean else 8)
    assert len(definitions.features.features) >= (5 if lean else 60)


def test_what_a_starter_holds() -> None:
    full, lean = starter_files("full"), starter_files("lean")

    def names(texts: dict[str, str], folder: str) -> list[str]:
        found = [text for name, text in texts.items() if name.startswith(f"{folder}/")]
        return re.findall(r"^  ([a-z_]+):", "\n".join(found), re.MULTILINE)

    assert len(names(full, "segments")) >= 12
    assert len(names(full, "offers")) >= 8
    assert len(names(lean, "offers")) == 5
    for texts in (full, lean):
        assert len(set(names(texts, "segments"))) == len(names(texts, "segments"))
        for name, text in texts.items():
            if name.endswith(".yaml"):
                assert "#" in text, f"{name} explains nothing"
        contents = re.findall(r"content: ([a-z_.]+)", "".join(texts.values()))
        assert {f"content/{name}" for name in contents} == {name for name in texts if name.startswith("content/")}


@pytest.mark.parametrize("make", [init, lambda folder: simulate(folder, customers=5, seed=1)])
def test_a_folder_in_use_is_refused_and_left_alone(tmp_path: Path, make: object) -> None:
    assert callable(make)
    used, file, empty = tmp_path / "used", tmp_path / "file", tmp_path / "empty"
    used.mkdir()
    (used / "mine.txt").write_text("mine")
    file.write_text("mine")
    empty.mkdir()
    for folder, why in ((used, "something in it already"), (file, "it is no folder"), (file / "below", "written")):
        with pytest.raises(UserError, match=why):
            make(folder)
    assert bytes_of(tmp_path) == {"used/mine.txt": b"mine", "file": b"mine"}
    make(empty)
    assert (empty / "onefold.yaml").is_file()
    with pytest.raises(UserError, match="nothing is overwritten"):
        make(empty)


def test_a_full_disk_leaves_no_workspace_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(starting, "_write_blocks", full)
    with pytest.raises(StorageError, match="No space left"):
        simulate(tmp_path / "bank", customers=5, seed=1)
    assert not (tmp_path / "bank" / "onefold.yaml").exists()


def test_a_half_written_folder_is_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def full(path: Path, mode: str = "r", **more: Any) -> Any:
        if path.name == "policies.yaml" and mode == "x":
            raise OSError(28, "No space left on device")
        return opened(path, mode, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StorageError, match="No space left"):
        init(tmp_path / "bank")
    assert (tmp_path / "bank" / "events.yaml").exists()
    assert not (tmp_path / "bank" / "onefold.yaml").exists()


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ({"customers": 0}, "customers 0"),
        ({"customers": MAX_CUSTOMERS + 1}, "customers"),
        ({"seed": -1}, "seed -1"),
        ({"days": 6}, "days 6"),
        ({"days": MAX_DAYS + 1}, "days"),
        ({"end": date(1989, 12, 31)}, "end 1989-12-31"),
    ],
)
def test_numbers_out_of_range_are_refused_before_anything_is_written(
    tmp_path: Path, numbers: dict[str, object], why: str
) -> None:
    arguments: dict[str, object] = {"customers": 5, "seed": 1, **numbers}
    with pytest.raises(UserError, match=why):
        simulate(tmp_path / "bank", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "bank").exists()


def test_the_same_numbers_give_the_same_bytes(bank: tuple[Path, Simulated], tmp_path: Path) -> None:
    again = simulate(tmp_path / "elsewhere", customers=200, seed=1)
    assert bytes_of(tmp_path / "elsewhere") == bytes_of(bank[0])
    assert (again.rows, again.demo) == (bank[1].rows, bank[1].demo)
    simulate(tmp_path / "seed", customers=200, seed=2)
    simulate(tmp_path / "days", customers=200, seed=1, days=119)
    simulate(tmp_path / "end", customers=200, seed=1, end=date(2026, 6, 29))
    for name in ("seed", "days", "end"):
        other = bytes_of(tmp_path / name)
        assert all(other[f"data/{file}.csv"] != bytes_of(bank[0])[f"data/{file}.csv"] for file in FILES)


def test_a_customer_is_the_same_whatever_their_number(tmp_path: Path) -> None:
    some, more = tmp_path / "some", tmp_path / "more"
    simulate(some, customers=BLOCK + 3, seed=5)
    simulate(more, customers=2 * BLOCK + 40, seed=5)
    for name in [*(f"data/{file}.csv" for file in FILES), "truth/customers.csv"]:
        fewer, all_of_them = (some / name).read_bytes(), (more / name).read_bytes()
        assert all_of_them.startswith(fewer)
        assert len(all_of_them) > len(fewer)
    assert (more / "data/customers.csv").read_text().count("\n") == 2 * BLOCK + 41


def test_it_says_that_all_is_simulated(bank: tuple[Path, Simulated]) -> None:
    folder, done = bank
    assert done.simulated
    assert open_bank(folder).check().config.name == "Simulated bank"
    for path in (*folder.glob("sources/*.yaml"), *folder.rglob("README.md"), folder / "onefold.yaml"):
        assert "SIMULATED" in path.read_text(), path
    assert all("@simulated.example" in line for line in (folder / "data/customers.csv").read_text().splitlines()[1:])


def test_the_definitions_are_those_of_init(bank: tuple[Path, Simulated]) -> None:
    written = {name: data.decode() for name, data in bytes_of(bank[0]).items()}
    for name, text in starter_files("full").items():
        if name.startswith(("features/", "segments/", "offers/", "content/", "events", "pl", "pol")):
            assert written[name] == text
    assert not any("${" in text or "--var" in text for name, text in written.items() if name.startswith("sources/"))


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    simulate(tmp_path / "bank", customers=BLOCK + 1, seed=1, progress=lambda _, done, total: seen.append((done, total)))
    assert seen == [(BLOCK, BLOCK + 1), (BLOCK + 1, BLOCK + 1)]


def test_the_truth_is_never_loaded(bank: tuple[Path, Simulated]) -> None:
    patterns = [one for mapping in open_bank(bank[0]).check().mappings for one in mapping.files.patterns]
    assert sorted(patterns) == sorted(f"data/{name}.csv" for name in FILES)


def test_no_customer_is_suggested_where_none_is_fit(tmp_path: Path) -> None:
    done = simulate(tmp_path / "bank", customers=1, seed=1)
    assert done.demo is None
    assert suggested(tmp_path / "bank") is None
    assert not (tmp_path / "bank" / "messages").exists()
    assert "onefold load" in (tmp_path / "bank" / "README.md").read_text()
    assert suggested(tmp_path / "nosuch") is None


def test_every_row_loads_and_the_suggested_customer_is_fit(tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    done = simulate(folder, customers=200, seed=1)
    opened = open_bank(folder)
    report = opened.load()
    assert report.rejected == 0
    assert not report.undeclared
    assert {one.source: one.skipped for one in report.sources} == dict.fromkeys(FILES, 0)
    calculations = sum("calculate" in line for line in (folder / "data/web.csv").read_text().splitlines())
    for one in report.sources:
        assert one.read == one.accepted == one.new
        assert one.new == done.rows[one.source] + (calculations if one.source == "web" else 0)
    assert opened.status().customers == 200
    _is_fit(folder, done)


def _is_fit(folder: Path, done: Simulated) -> None:
    demo = done.demo
    assert demo is not None
    assert suggested(folder) == demo
    assert demo.customer in (folder / "README.md").read_text()
    opened = open_bank(folder)
    before = opened.genome(demo.customer, at=demo.before).features
    assert 25 <= before["age"] <= 60  # type: ignore[operator]
    assert before["salary"] > 500  # type: ignore[operator]
    assert before["debt_to_income"] == 0
    assert not any(before[name] for name in ("has_mortgage", "open_complaint", "in_hardship", "mortgage_views_7d"))
    opened.load_messages([folder / demo.messages])
    after = opened.genome(demo.customer, at=demo.after).features
    assert after["mortgage_views_7d"] == 3
    changed = {name for name in after if after[name] != before[name] and not name.startswith(("days_", "tenure"))}
    assert (
        {"mortgage_views_7d", "last_page"}
        < changed
        <= {"mortgage_views_7d", "pages_30d", "last_page", "mean_seconds_30d"}
    )


def test_the_moments_of_the_demonstration_lie_behind_the_data(bank: tuple[Path, Simulated]) -> None:
    demo, zone = bank[1].demo, open_bank(bank[0]).check().config.zone
    assert demo is not None
    assert zone.parse(bank[1].last) + 86_400_000_000 <= zone.parse(demo.before) < zone.parse(demo.after)
