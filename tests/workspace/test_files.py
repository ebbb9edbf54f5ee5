from __future__ import annotations

from pathlib import Path

import pytest

from onefold.core.document import MAX_BYTES
from onefold.core.errors import UserError
from onefold.workspace.files import digest_of, read_files, refuse_other_folders, tz_release


def test_only_definition_files_are_read_and_sorted(tmp_path: Path) -> None:
    for name in ("onefold.yaml", "events.yaml", "features/b.yaml", "features/a.yaml", "content/x.liquid", "notes.txt",
                 "features/deep/c.yaml", ".onefold/x.yaml", "features/d.yml"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert list(read_files(tmp_path)) == [
        "content/x.liquid", "events.yaml", "features/a.yaml", "features/b.yaml", "onefold.yaml",
    ]  # fmt: skip


def test_every_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "onefold.yaml").write_text("name: x")
    (tmp_path / "events.yaml").write_bytes(b"\xff")
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "big.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(UserError) as caught:
        read_files(tmp_path)
    assert [problem.place.file for problem in caught.value.problems] == ["events.yaml", "features/big.yaml"]


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="it is no workspace"):
        refuse_other_folders(tmp_path)
    with pytest.raises(UserError, match="it is no workspace"):
        read_files(tmp_path / "nosuch")


def test_the_digest_is_of_names_and_texts_whatever_their_order() -> None:
    digest = digest_of({"a": "1", "b": "2"})
    assert digest == digest_of({"b": "2", "a": "1"})
    others = [digest_of(contents) for contents in ({"a": "2", "b": "1"}, {"a": "1"}, {"a1": "", "b": "2"}, {})]
    assert len({digest, *others}) == 5
    assert len(digest) == 64


def test_the_release_of_the_time_zones_is_part_of_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_of({"a": "1"})
    assert tz_release()[:2] == "20"
    monkeypatch.setattr("onefold.workspace.files.tz_release", lambda: "1999z")
    assert digest_of({"a": "1"}) != before
