"""The laws that every aggregate keeps, whatever it computes (that it computes the right thing is the oracle's to say).

Each law is a function of a :class:`Subject`, which knows how one feature is read, and a :class:`Sample` of one
customer's events; it raises ``AssertionError``. ``LAWS`` are run over every registered aggregate by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Generic, Protocol, TypeVar

from onefold.core.instant import DAY, HOUR
from onefold.features.values import Value

AHEAD = (1, HOUR, 40 * DAY, 400 * DAY, 4_000 * DAY)
"""From now: where nothing may have changed if nothing is said to change."""
PARTS = 5
MANY = 10


class Happening(Protocol):
    """What laws must know of an event."""

    @property
    def known_at(self) -> int:
        """When it arrived, in microseconds."""
        ...


E = TypeVar("E", bound=Happening)


@dataclass(frozen=True, slots=True)
class Seen:
    """The value of a feature, and the instant of the next change (None: none by time alone)."""

    value: Value
    next_change: int | None


@dataclass(frozen=True, slots=True)
class Subject(Generic[E]):
    """One feature under test.

    ``read(events, now, known)`` reads it off a customer's events, ``merged`` off those of a customer with two names;
    ``grown(events, times)`` makes a timeline so many times as long and ``peak(events, now)`` measures the bytes that
    reading takes at most. ``empty`` is the value of nothing to see. ``pace`` is by how much the value of a
    duration grows in a day, 0 where it holds still between changes.
    """

    read: Callable[[Sequence[E], int, int], Seen]
    merged: Callable[[Sequence[E], Sequence[E], int, int], Seen]
    grown: Callable[[Sequence[E], int], Sequence[E]]
    peak: Callable[[Sequence[E], int], int]
    empty: Value
    pace: int = 0


@dataclass(frozen=True, slots=True)
class Sample(Generic[E]):
    """Events in order of arrival, and a moment. ``repeats`` say again what events say, and arrived no earlier."""

    events: Sequence[E]
    now: int
    known: int
    repeats: Sequence[E] = field(default=())


def order_is_of_no_account(subject: Subject[E], sample: Sample[E]) -> None:
    """The order of arrival changes nothing."""
    wanted = subject.read(sample.events, sample.now, sample.known)
    backwards, half = sample.events[::-1], len(sample.events) // 2
    for events in (backwards, [*sample.events[half:], *sample.events[:half]], [*backwards[::2], *backwards[1::2]]):
        _same(subject.read(events, sample.now, sample.known), wanted)


def repeats_are_ignored(subject: Subject[E], sample: Sample[E]) -> None:
    """What is said again changes nothing."""
    wanted = subject.read(sample.events, sample.now, sample.known)
    _same(subject.read([*sample.events, *sample.repeats], sample.now, sample.known), wanted)


def nothing_gives_the_empty_value(subject: Subject[E], sample: Sample[E]) -> None:
    """Without events the value is 0, FALSE or NULL, as the aggregate says."""
    found = subject.read((), sample.now, sample.known)
    _same(Seen(found.value, None), Seen(subject.empty, None))


def nothing_changes_before_the_next_change(subject: Subject[E], sample: Sample[E]) -> None:
    """Up to one microsecond before ``next_change`` value and ``next_change`` stay as they are; then it moves on."""
    begun = subject.read(sample.events, sample.now, sample.known)
    change = begun.next_change
    if change is None:
        instants = [sample.now + ahead for ahead in AHEAD]
    else:
        assert change > sample.now, "a change that is over"
        instants = [sample.now + (change - sample.now) * part // PARTS for part in range(1, PARTS)] + [change - 1]
        after = subject.read(sample.events, change, sample.known)
        assert after.next_change is None or after.next_change > change, "a change that does not move on"
    for now in instants:
        _same(subject.read(sample.events, now, sample.known), _grown_steadily(begun, subject.pace, now - sample.now))


def what_arrives_later_does_not_exist(subject: Subject[E], sample: Sample[E]) -> None:
    """Events that arrived after ``known`` change nothing."""
    for known in {sample.known, *(event.known_at + more for event in sample.events[:3] for more in (-1, 0))}:
        arrived = [event for event in sample.events if event.known_at <= known]
        _same(subject.read(sample.events, sample.now, known), subject.read(arrived, sample.now, known))


def two_names_are_one_customer(subject: Subject[E], sample: Sample[E]) -> None:
    """Merging two timelines, with what both say once, equals the timeline of all events."""
    wanted = subject.read(sample.events, sample.now, sample.known)
    own, others = sample.events[::2], sample.events[1::2]
    _same(subject.merged(own, others, sample.now, sample.known), wanted)
    _same(subject.merged(own, [*others, *sample.repeats], sample.now, sample.known), wanted)


def reading_is_pure(subject: Subject[E], sample: Sample[E]) -> None:
    """Reading twice, with another reading between, gives the same."""
    wanted = subject.read(sample.events, sample.now, sample.known)
    subject.read(sample.events[::2], sample.now + DAY, sample.known)
    _same(subject.read(sample.events, sample.now, sample.known), wanted)


def memory_grows_with_the_timeline_at_most(subject: Subject[E], sample: Sample[E]) -> None:
    """Ten times the events take at most ten times the memory, beside what is there for any timeline."""
    few = subject.grown(sample.events, MANY)
    most = subject.peak(few, sample.now)
    assert subject.peak(subject.grown(few, MANY), sample.now) <= MANY * most


def _grown_steadily(seen: Seen, pace: int, time: int) -> Seen:
    if not pace or seen.value is None:
        return seen
    assert isinstance(seen.value, float)
    return Seen(seen.value + pace * time / DAY, seen.next_change)


def _same(found: Seen, wanted: Seen) -> None:
    one, other = found.value, wanted.value
    close = isinstance(one, float) and isinstance(other, float) and isclose(one, other, abs_tol=1e-9)
    assert found.next_change == wanted.next_change, (found, wanted)
    assert close or (type(one) is type(other) and one == other), (found, wanted)


LAWS = (
    order_is_of_no_account,
    repeats_are_ignored,
    nothing_gives_the_empty_value,
    nothing_changes_before_the_next_change,
    what_arrives_later_does_not_exist,
    two_names_are_one_customer,
    reading_is_pure,
    memory_grows_with_the_timeline_at_most,
)
