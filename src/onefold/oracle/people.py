"""Whose an event is, and what a person's timeline holds: SEMANTICS section 2 ("Who", "Identity"), read aloud.

An alias belongs to the owner of the first link at or after an event, else of the last before. An unlink cancels the
links of its pair up to its own time. Retractions are final, and take back links too. Owners in a circle are one
person. Nothing depends on the order of arrival.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from onefold.core.event import RETRACTED, UNLINKED
from onefold.core.ids import ANONYMOUS
from onefold.oracle.lines import LoggedEvent

Rank = Callable[[str], bytes]
"""What orders names where nothing else does: their pseudonyms."""


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on a name: an event of its own, or (``link``) another's event that says whose it is."""

    node: str
    logged: LoggedEvent
    link: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A person: the name without owner, and the lines of all their names, each message once, none taken back."""

    root: str
    lines: tuple[Line, ...]
    names: frozenset[str] = field(default=frozenset())

    @property
    def events(self) -> list[LoggedEvent]:
        """Return the person's own events."""
        return [line.logged for line in self.lines if not line.link]

    @property
    def known(self) -> bool:
        """Whether this is a customer, not a mere visitor."""
        return names_customer(self.root)


def names_customer(name: str) -> bool:
    """Whether a name is a customer's.

    >>> names_customer("user:7"), names_customer("anon:7")
    (True, False)
    """
    return not name.startswith(f"{ANONYMOUS}:")


def people(records: Iterable[LoggedEvent], known: int, rank: Rank = str.encode) -> dict[str, Person]:
    """Return everybody of whom anything had arrived by ``known``, visitors too, by the name of the root."""
    arrived = [one for one in records if one.known_at <= known]
    links = Links(arrived, rank)
    lines: dict[str, list[Line]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    for line in lines_on_names(arrived):
        lines[links.person(line.node, line.logged.event.time)].append(line)
        names[links.root(line.node)].add(line.node)
    return {
        root: Person(root, tuple(_without_retracted(_each_message_once(lines[root]))), frozenset(names[root]))
        for root in sorted(lines.keys() | names.keys())
    }


def lines_on_names(records: Iterable[LoggedEvent]) -> Iterable[Line]:
    """Yield each event on its own name, and once more on the name that it links or unlinks."""
    for one in records:
        yield Line(one.event.node, one)
        if one.event.alias is not None and one.event.alias != one.event.node:
            yield Line(one.event.alias, one, link=True)


class Links:
    """Whose each name is at each instant, as far as ``records`` say."""

    def __init__(self, records: Sequence[LoggedEvent], rank: Rank) -> None:
        self._rank = rank
        self._about: dict[str, dict[str, list[LoggedEvent]]] = defaultdict(lambda: defaultdict(list))
        self._retracted: dict[str, set[str]] = defaultdict(set)
        for line in lines_on_names(records):
            event = line.logged.event
            if line.link:
                self._about[line.node][event.node].append(line.logged)
            elif event.name == RETRACTED:
                self._retracted[line.node].add(target_of(line.logged))
        self._links: dict[str, list[tuple[int, str]]] = {}

    def links(self, alias: str) -> list[tuple[int, str]]:
        """Return (time, owner) of the links of a name in order; of neighbours by one owner the last says it all."""
        if alias not in self._links:
            found = [one for owner in self._about[alias] for one in self._that_hold(alias, owner)]
            found.sort(key=lambda one: (*_position(one), self._rank(one.event.node)))
            owners = [(one.event.time, one.event.node) for one in found]
            pairs = zip_longest(owners, owners[1:])
            self._links[alias] = [one for one, after in pairs if after is None or one[1] != after[1]]
        return self._links[alias]

    def _that_hold(self, alias: str, owner: str) -> list[LoggedEvent]:
        void = self._retracted[alias] | self._retracted[owner]
        stated = [one for one in self._about[alias][owner] if one.event.message_id not in void]
        unlinks = [one.event.time for one in stated if one.event.name == UNLINKED]
        latest = max(unlinks, default=None)
        return [one for one in stated if one.event.name != UNLINKED and (latest is None or one.event.time > latest)]

    def owner(self, alias: str, time: int | None) -> str | None:
        """Return whose an event of a name at an instant is (None: after all links); None where it is its own."""
        if alias not in self._about:
            return None
        links = self.links(alias)
        later = [owner for at, owner in links if time is not None and at >= time]
        if later:
            return later[0]
        return links[-1][1] if links else None

    def end(self, node: str, time: int | None) -> str:
        """Follow the owners as of an instant to the name that has none, or to the first of those in a circle."""
        path = [node]
        while (owner := self.owner(path[-1], time)) is not None:
            if owner in path:
                circle = path[path.index(owner) :]
                return min(circle, key=lambda name: (not names_customer(name), self._rank(name)))
            path.append(owner)
        return path[-1]

    def root(self, node: str) -> str:
        """Return whose customer a name is, as of the last links."""
        return self.end(node, None)

    def person(self, node: str, time: int) -> str:
        """Return whose an event of a name at an instant is."""
        return self.root(self.end(node, time))


def target_of(logged: LoggedEvent) -> str:
    """Return the message that a retraction takes back; the empty text where it names none."""
    target = logged.event.properties.get("message_id")
    return target if isinstance(target, str) else ""


def _position(one: LoggedEvent) -> tuple[int, int, bytes]:
    digest = hashlib.sha256(one.event.message_id.encode("utf-8", "surrogatepass")).digest()
    return one.event.time, one.event.order, digest


def _each_message_once(lines: Sequence[Line]) -> list[Line]:
    """Of two events of one message id the earlier counts, of equal ones the first to arrive."""
    by_message: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_message[line.logged.event.message_id].append(line)
    kept: list[Line] = []
    for same in by_message.values():
        best = min(map(_body, same))
        once: dict[bool, Line] = {}
        for line in sorted(same, key=lambda line: line.logged.known_at):
            if _body(line) == best:
                once.setdefault(line.link, line)
        kept += once.values()
    return kept


def _body(line: Line) -> tuple[int, int, int]:
    return line.logged.event.time, line.logged.event.order, line.logged.digest


def _without_retracted(lines: Sequence[Line]) -> list[Line]:
    gone = {target_of(line.logged) for line in lines if _retracts(line)}
    return [line for line in lines if line.logged.event.message_id not in gone or _retracts(line)]


def _retracts(line: Line) -> bool:
    return line.logged.event.name == RETRACTED and not line.link
