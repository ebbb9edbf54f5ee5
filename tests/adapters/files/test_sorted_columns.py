from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from onefold.adapters.files.sorted_columns import open_columns, write_columns
from onefold.core.errors import StorageError

FLOATS, WHOLE, NONE = np.array([-1.5, 2.0]), np.array([1, 2**62]), np.zeros(0)


def written(folder: Path) -> Path:
    path = folder / "inner" / "columns"
    write_columns(path, {"seq": 7, "name": "x"}, iter([("a", FLOATS), ("b", WHOLE), ("none", NONE)]))
    return path


def read(path: Path) -> list[list[float]]:
    file = open_columns(path)
    return [file.column(name).tolist() for name in sorted(file.names)]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = open_columns(written(tmp_path))
    assert dict(file.facts) == {"seq": 7, "name": "x"}
    assert sorted(file.names) == ["a", "b", "none"]
    for name, values in (("a", FLOATS), ("b", WHOLE), ("none", NONE)):
        found = file.column(name)
        assert found.dtype == values.dtype
        assert found.tolist() == values.tolist()
    assert file.column("a") is file.column("a")
    with pytest.raises(KeyError):
        file.column("c")
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = written(tmp_path)

    def dies() -> object:
        yield "a", WHOLE
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_columns(path, {}, dies())  # type: ignore[arg-type]
    assert open_columns(path).facts == {"seq": 7, "name": "x"}
    assert [one.name for one in path.parent.iterdir()] == ["columns"]


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path)
    raw = path.read_bytes()
    for at in range(len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :])
        with pytest.raises(StorageError, match="made anew"):
            read(path)
    for length in range(len(raw)):
        path.write_bytes(raw[:length])
        with pytest.raises(StorageError, match="made anew"):
            open_columns(path)
