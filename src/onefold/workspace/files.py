"""The definition files of a workspace folder: which they are, read as text, and the hash of them all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from onefold.core import holiday
from onefold.core.document import MAX_BYTES, parse_yaml
from onefold.core.errors import Place, Problem, Problems, UserError
from onefold.workspace.library import with_library

ROOT = "onefold.yaml"
_PATTERNS = (
    ROOT,
    "events.yaml",
    "sources/*.yaml",
    "features/*.yaml",
    "segments/*.yaml",
    "personas/*.yaml",
    "offers/*.yaml",
    "placements.yaml",
    "policies.yaml",
    "places.yaml",
    "models/*.yaml",
    "models/*.json",
    "journeys/*.yaml",
    "experiments/*.yaml",
    "content/*.liquid",
)
FORMAT = 1


def read_files(folder: Path) -> dict[str, str]:
    """Return the text of every definition file by its path inside the folder, sorted; then of an included library.

    Raises :class:`UserError` where the folder is no workspace, or a file cannot be read as UTF-8 text.
    """
    refuse_other_folders(folder)
    problems, found = Problems(), {}
    for path in sorted({path for pattern in _PATTERNS for path in folder.glob(pattern)}):
        name = path.relative_to(folder).as_posix()
        try:
            data = path.read_bytes()
            if len(data) > MAX_BYTES:
                raise ValueError(f"it is larger than {MAX_BYTES:,} bytes")
            found[name] = data.decode()
        except (OSError, ValueError) as error:
            problems.add("the file", f"it cannot be read: {error}", "Save it as UTF-8 text.", Place(name))
    problems.raise_if_any()
    return with_library(found)


def refuse_other_folders(folder: Path) -> None:
    """Raise :class:`UserError` where the folder is no workspace."""
    if not (folder / ROOT).is_file():
        raise UserError(
            Problem(
                f"{folder}",
                f"it is no workspace: there is no {ROOT} in it",
                "Name the folder of one with --workspace, or make one with `onefold init DIR`.",
            )
        )


def digest_of(contents: Mapping[str, str]) -> str:
    """Return the content hash of a set of definitions, 64 hex digits.

    The tz database's release is part of it, and that of the holidays where the bank keeps any.
    """
    total = hashlib.sha256(f"onefold definitions {FORMAT}\0{tz_release()}\0".encode())
    if _keeps_holidays(contents.get(ROOT, "")):
        total.update(f"holidays {holiday.release()}\0".encode())
    for name in sorted(contents):
        total.update(hashlib.sha256(name.encode()).digest())
        total.update(hashlib.sha256(contents[name].encode()).digest())
    return total.hexdigest()


def _keeps_holidays(root: str) -> bool:
    """Whether onefold.yaml names the country of the bank's holidays; where it is at fault nothing is published."""
    if "holidays" not in root:
        return False
    section = parse_yaml(root, ROOT, Problems())
    calendar = section.raw("calendar") if section else None
    return isinstance(calendar, Mapping) and calendar.get("holidays") is not None


def tz_release() -> str:
    """Return the release of the tz database in use, such as ``2026b``."""
    return str(import_module("tzdata").IANA_VERSION)
