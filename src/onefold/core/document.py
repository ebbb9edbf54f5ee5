"""Definition files: YAML in which every value knows its line and column, so that every problem can name them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from onefold.core.errors import Place, Problem, Problems, UserError

MAX_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping of a definition file, its place, and the collector of the file's problems.

    Readers take what they need by :meth:`text`, :meth:`section` ... and then call :meth:`only` with the keys they
    know, so that a misspelt key is a problem and never silently ignored.
    """

    values: CommentedMap
    place: Place
    problems: Problems

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def keys(self) -> list[str]:
        """Return the keys in the order of the file; one that is no text is a problem."""
        for key in self.values:
            if not isinstance(key, str):
                self.problems.add(
                    f"the key {key!r}", "keys are names", "Put it in quotes or rename it.", self.place_of(key)
                )
        return [key for key in self.values if isinstance(key, str)]

    def place_of(self, key: object) -> Place:
        """Return where a key's value stands, or the key where it holds nothing; the section where it is missing."""
        position = self.values.lc.data.get(key) if self.values.lc.data else None
        if position is None:
            return self.place
        if self.values.get(key) is None:  # YAML puts an empty value where the next one begins
            return self.place_of_key(key)
        return Place(self.place.file, position[2] + 1, position[3] + 1)

    def place_of_key(self, key: object) -> Place:
        """Return where a key itself stands."""
        position = self.values.lc.data.get(key) if self.values.lc.data else None
        return self.place if position is None else Place(self.place.file, position[0] + 1, position[1] + 1)

    def problem(self, key: str, why: str, remedy: str) -> None:
        """Note a problem with the value of a key."""
        self.problems.add(f"`{key}`", why, remedy, self.place_of(key))

    def raw(self, key: str) -> Any:
        """Return the value as YAML read it, or None."""
        return self.values.get(key)

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return a text (a number or boolean is taken as it is written), or the default where it is missing."""
        value = self.values.get(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (CommentedMap, CommentedSeq)):
            self.problem(key, "this is a text, but a list or mapping stands here", "Write one value.")
            return default
        return str(value)

    def required(self, key: str) -> str | None:
        """Return a text that must be there; its absence is a problem."""
        value = self.text(key)
        if value is None and key not in self.values:
            self.problems.add(f"`{key}`", "it is missing", f"Add `{key}:`.", self.place)
        return value

    def section(self, key: str) -> Section | None:
        """Return an inner mapping, or None where it is missing; anything else there is a problem."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, CommentedMap):
            self.problem(key, "a mapping belongs here", "Indent `name: value` lines below it.")
            return None
        return Section(value, self.place_of(key), self.problems)

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Yield every (key, inner mapping); a value that is no mapping is a problem."""
        for key in self.keys():
            inner = self.section(key)
            if inner is not None:
                yield key, inner
            elif self.values.get(key) is None:
                self.problem(key, "it is empty", "Describe it, or remove the line.")

    def items_of(self, key: str) -> list[tuple[Any, Place]]:
        """Return the items of a list with their places; a single value counts as a list of one."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, CommentedSeq):
            return [(value, self.place_of(key))]
        return [(item, Place(self.place.file, *_item_position(value, at))) for at, item in enumerate(value)]

    def sections_of(self, key: str) -> list[Section]:
        """Return the mappings of a list; an item that is none is a problem."""
        found = []
        for item, place in self.items_of(key):
            if isinstance(item, CommentedMap):
                found.append(Section(item, place, self.problems))
            else:
                self.problems.add(f"an item of `{key}`", "a mapping belongs here", "Write `name: value`.", place)
        return found

    def only(self, *known: str) -> None:
        """Make every key outside the known ones a problem."""
        for key in self.keys():
            if key not in known:
                self.problems.add(
                    f"`{key}`",
                    "no such key belongs here",
                    f"Remove it or use one of: {', '.join(sorted(known))}.",
                    self.place_of_key(key),
                )


def _item_position(items: CommentedSeq, at: int) -> tuple[int, int]:
    line, column = items.lc.item(at)
    return line + 1, column + 1


def parse_yaml(text: str, file: str, problems: Problems) -> Section | None:
    """Parse a definition file whose top is a mapping; an empty file is an empty mapping.

    What is wrong with the YAML itself is noted in ``problems``, and None returned.
    """
    if len(text) > MAX_BYTES:
        problems.add("the file", f"it is larger than {MAX_BYTES:,} characters", "Split it.", Place(file))
        return None
    try:
        loaded = YAML(typ="rt", pure=True).load(text)
    except DuplicateKeyError as error:
        problems.found.append(_from_yaml(error, file, "a key stands twice", "Remove or rename one of them."))
        return None
    except YAMLError as error:
        problems.found.append(_from_yaml(error, file, "this is not YAML", "Mend the indentation or quote the value."))
        return None
    except ValueError as error:  # such as the date 2026-02-30, which YAML reads as one
        problems.add("the file", f"a value is none: {error}", "Mend it, or put it in quotes.", Place(file))
        return None
    except RecursionError:
        problems.add("the file", "it is nested too deeply", "Flatten it.", Place(file))
        return None
    if loaded is None:
        loaded = CommentedMap()
    if not isinstance(loaded, CommentedMap):
        problems.add("the file", "its top is not a mapping", "Begin with `name: value` lines.", Place(file, 1, 1))
        return None
    return Section(loaded, Place(file, 1, 1), problems)


def _from_yaml(error: YAMLError, file: str, what: str, remedy: str) -> Problem:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    why = (error.problem if isinstance(error, MarkedYAMLError) else None) or "it cannot be read"
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    return Problem(what, why.splitlines()[0], remedy, place)


def read_yaml(text: str, file: str) -> Section:
    r"""Parse a definition file, raising :class:`UserError` where it is no YAML mapping.

    >>> section = read_yaml("name: demo\nzone: UTC", "onefold.yaml")
    >>> section.text("zone"), str(section.place_of("zone"))
    ('UTC', 'onefold.yaml:2:7')
    """
    problems = Problems()
    section = parse_yaml(text, file, problems)
    if section is None:
        raise UserError(problems.found)
    return section
