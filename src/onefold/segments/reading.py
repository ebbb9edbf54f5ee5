"""From ``segments/*.yaml`` to :class:`SegmentSet`, with every problem of every file at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from onefold.core.document import Section
from onefold.core.errors import Place, Problem, Problems, UserError
from onefold.core.instant import DAY, Span
from onefold.core.types import Purpose
from onefold.features.definitions import FeatureSet
from onefold.features.scope import genome_scope
from onefold.language.ast import Kind, Node
from onefold.language.lineage import names_of, uses_calendar
from onefold.language.parse import parse_predicate
from onefold.language.scope import Scope
from onefold.segments.definitions import REFERENCES, Segment, SegmentSet, name_in_row
from onefold.segments.dependencies import ordered
from onefold.segments.linear import Movement, NotLinear

MAX_HOLD = 7 * DAY
_KEYS = ("title", "when", "purpose", "hold", "dimension", "owner", "review_by")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_START = Place()
_BENDS = "Compare the moving value itself with a threshold, such as `days_since_login > 30`."


def read_segments(files: Iterable[Section], features: FeatureSet) -> SegmentSet:
    """Read the ``segments:`` of every file; problems go to each file's collector.

    ``files`` come sorted by path: the first segment of a dimension that matches wins. The caller raises what was
    collected; a set returned beside problems lacks the segments at fault.
    """
    reader = _Reader(features)
    for file in files:
        file.only("segments")
        segments = file.section("segments")
        for name, section in segments.sections() if segments else ():
            reader.take(name, section)
    return reader.finish()


def compile_predicate(text: str, features: FeatureSet, segments: SegmentSet, *, place: Place = _START) -> Node:
    """Read a predicate as a segment's ``when`` is read, such as that of ``segments preview``.

    Raises :class:`UserError` with every problem.
    """
    if _is_empty(text):
        raise UserError(_nobody("the predicate", place))
    node = parse_predicate(text, _scope(features, segments.segments), place=place)
    problem = _at_fault(node, "the predicate", Movement(features), place)
    if problem is not None:
        raise UserError(problem)
    return node


@dataclass(slots=True)
class _Reader:
    features: FeatureSet
    sections: dict[str, Section] = field(default_factory=dict)

    def take(self, name: str, section: Section) -> None:
        """Keep a segment until the names of all are known."""
        if not _NAME.fullmatch(name):
            section.problems.add(
                f"the segment {name!r}", "its name is not snake case", "Use a-z, 0-9 and _.", section.place
            )
        elif name in self.sections:
            first = self.sections[name].place
            section.problems.add(
                f"the segment `{name}`",
                f"it is defined twice, first in {first}",
                "Remove or rename one.",
                section.place,
            )
        else:
            self.sections[name] = section

    def finish(self) -> SegmentSet:
        """Read all predicates, and order the segments; those of a circle are left out."""
        scope, movement = _scope(self.features, self.sections), Movement(self.features)
        found = {}
        for name, section in self.sections.items():
            segment = _segment(name, section, scope, movement)
            if segment is not None:
                found[name] = segment
        result = ordered(found)
        for circle in result.circles:
            self._refuse(circle, found)
        in_circles = {name for circle in result.circles for name in circle}
        kept = {name: segment for name, segment in found.items() if name not in in_circles}
        return SegmentSet(kept, tuple(name for name in result.order if name in kept))

    def _refuse(self, circle: tuple[str, ...], found: Mapping[str, Segment]) -> None:
        name = circle[0]
        through = {found[one].dimension for one in circle} - {None}
        why = f"it depends on itself: {' -> '.join(circle)}"
        if through:
            why += f" (a segment depends on those before it in its dimension: {', '.join(sorted(map(str, through)))})"
        section = self.sections[name]
        section.problems.add(f"the segment `{name}`", why, "Break the circle.", section.place_of("when"))


def _scope(features: FeatureSet, names: Iterable[str]) -> Scope:
    return genome_scope(features, more={name_in_row(name): Kind.BOOLEAN for name in names}, references=REFERENCES)


def _segment(name: str, section: Section, scope: Scope, movement: Movement) -> Segment | None:
    """Read one segment; None where anything of it is at fault, all of which is then noted."""
    before = len(section.problems.found)
    section.only(*_KEYS)
    text, when = _when(name, section, scope, movement)
    purpose, hold, dimension = _purpose(section), _hold(section), _dimension(section)
    owner, title, review_by = section.text("owner"), section.text("title"), _review_by(section)
    if when is None or len(section.problems.found) > before:
        return None
    return Segment(name, when, text, title, purpose, hold, dimension, owner, review_by, section.place)


def _when(name: str, section: Section, scope: Scope, movement: Movement) -> tuple[str, Node | None]:
    problems: Problems = section.problems
    before = len(problems.found)
    text, place = section.text("when") or "", section.place_of("when")
    if len(problems.found) > before:  # a list or a mapping
        return text, None
    if _is_empty(text):
        problems.found.append(_nobody(f"the segment `{name}`", place))
        return text, None
    try:
        node = parse_predicate(text, scope, place=place)
    except UserError as error:
        problems.extend(error)
        return text, None
    problem = _at_fault(node, f"the segment `{name}`", movement, place)
    if problem is not None:
        problems.found.append(problem)
        return text, None
    return text, node


def _is_empty(text: str) -> bool:
    return not text.strip("() \t\r\n")


def _nobody(what: str, place: Place) -> Problem:
    why = "its group of conditions is empty, and an empty group is refused: it never means everybody"
    return Problem(what, why, "State a condition in `when`, such as `age >= 18`.", place)


def _at_fault(node: Node, what: str, movement: Movement, place: Place) -> Problem | None:
    """Return what is wrong with a condition that could be read: that it names nothing, or bends in time.

    One over the calendar alone says the same of everybody too, but not at every time: a season is worth a name.
    """
    if not names_of(node) and not uses_calendar(node):
        why = "it names no feature, trait or segment, so it says the same of everybody"
        return Problem(what, why, "Name at least one, such as `age >= 18`.", place)
    try:
        movement.of(node)
    except NotLinear as error:
        return Problem(what, f"its end cannot be foretold, for {error.why}", _BENDS, place)
    return None


def _purpose(section: Section) -> Purpose | None:
    text = section.text("purpose")
    if text is None or text in set(Purpose):
        return None if text is None else Purpose(text)
    section.problem("purpose", f"{text!r} is not known", f"Use one of: {', '.join(Purpose)}.")
    return None


def _hold(section: Section) -> int:
    text = section.text("hold")
    if text is None:
        return 0
    try:
        span = Span.parse(text)
    except ValueError as error:
        section.problem("hold", str(error), "Write a fixed span of at most 7 days, such as 24h.")
        return 0
    if span.months or span.fixed > MAX_HOLD:
        why = "it is longer than 7 days" if not span.months else "a month has no fixed length"
        section.problem("hold", why, "Write a fixed span of at most 7 days, such as 24h.")
        return 0
    return span.fixed


def _dimension(section: Section) -> str | None:
    text = section.text("dimension")
    if text is not None and not _NAME.fullmatch(text):
        section.problem("dimension", f"{text!r} is not snake case", "Use a-z, 0-9 and _.")
        return None
    return text


def _review_by(section: Section) -> date | None:
    text = section.text("review_by")
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        section.problem("review_by", f"{text!r} is no date", "Write it as 2027-01-31.")
        return None
