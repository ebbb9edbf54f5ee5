"""Which files a mapping means: variables put in, patterns resolved, in a fixed order."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping
from pathlib import Path

from onefold.core.errors import Problem, Problems, UserError
from onefold.sources.mapping import Files

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def resolve(files: Files, *, variables: Mapping[str, str], base: Path) -> list[Path]:
    """Return the files, those of each pattern sorted by name.

    A pattern that begins with a variable is relative to the current folder, as the variable's value was
    written there; any other to ``base``, the workspace. Raises :class:`UserError` for unknown variables and
    where a pattern matches nothing.
    """
    problems = Problems()
    found: list[Path] = []
    for pattern in files.patterns:
        unknown = [name for name in _VARIABLE.findall(pattern) if name not in variables]
        for name in unknown:
            why = "the variable has no value"
            problems.add(f"${{{name}}}", why, f"Give it one: --var {name}=DIR.", files.place)
        if unknown:
            continue
        text = _VARIABLE.sub(lambda match: glob.escape(variables[match[1]]), pattern)
        whole = text if pattern.startswith("${") else str(Path(glob.escape(str(base))) / text)
        matches = sorted(path for path in glob.glob(whole, recursive=True) if Path(path).is_file())  # noqa: PTH207
        if not matches:
            remedy = "Mend the path, or the variable in it."
            problems.add(f"`{pattern}`", f"there is no such file: {_plain(whole)}", remedy, files.place)
        found += [path for path in map(Path, matches) if path not in found]
    problems.raise_if_any()
    return found


def _plain(pattern: str) -> str:
    return re.sub(r"\[([*?\[])\]", r"\1", pattern)


def unreadable(path: Path, why: str, remedy: str, *, files: Files) -> UserError:
    """Return the error of a file that cannot be read at all."""
    return UserError(Problem(str(path), why, remedy, files.place))
