"""Errors as part of the product: what is wrong, where, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the user's files a problem lies; lines and columns count from 1."""

    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Render as editors understand it.

        >>> str(Place("features/spend.yaml", 3, 7))
        'features/spend.yaml:3:7'
        """
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def shifted(self, line: int, column: int) -> Place:
        """Return the place of an inner (line, column), both from 1, of a text that begins here."""
        if self.line is None:
            return Place(self.file, line, column)
        if line == 1 and self.column is not None:
            return Place(self.file, self.line, self.column + column - 1)
        return Place(self.file, self.line + line - 1, column)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the user can mend."""

    what: str
    why: str
    remedy: str
    place: Place = Place()

    def __str__(self) -> str:
        where = f"{self.place}: " if str(self.place) else ""
        return f"{where}{self.what}: {self.why}. {self.remedy}"


class OnefoldError(Exception):
    """The root of all errors that Onefold raises on purpose."""


class UserError(OnefoldError):
    """The input is at fault; carries every problem found, in the order of their places."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems = found
        super().__init__("\n".join(str(problem) for problem in found))


class CorruptionError(OnefoldError):
    """Stored bytes are not what was written; they are reported with file and offset, never served."""

    def __init__(self, file: str, offset: int, why: str) -> None:
        self.file, self.offset, self.why = file, offset, why
        super().__init__(f"{file}: damaged at byte {offset}: {why}. Restore this file from a backup.")


class FormatError(OnefoldError):
    """A file is of a format version that this release does not know; it is refused, not guessed at."""


class StorageError(OnefoldError):
    """The disk refused (full, failing, read-only); nothing was acknowledged."""


class Problems:
    """Collects the problems of a whole file, so that the user sees all of them at once.

    >>> problems = Problems()
    >>> problems.add("no zone", "time_zone is missing", "Add `time_zone: Europe/Prague`.")
    >>> problems.found[0].what
    'no zone'
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, what: str, why: str, remedy: str, place: Place = Place()) -> None:
        """Note one problem and go on."""
        self.found.append(Problem(what, why, remedy, place))

    def extend(self, error: UserError) -> None:
        """Take over the problems of an error raised further down."""
        self.found.extend(error.problems)

    def raise_if_any(self) -> None:
        """Raise :class:`UserError` with everything noted, sorted by place; return if nothing was."""
        if self.found:
            raise UserError(sorted(self.found, key=lambda problem: _sort_key(problem.place)))


def _sort_key(place: Place) -> tuple[str, int, int]:
    return (place.file or "", place.line or 0, place.column or 0)
