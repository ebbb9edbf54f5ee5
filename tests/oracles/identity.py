"""A slow and plain model of whose an event is and what a person's timeline holds (SEMANTICS section 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from onefold.core.ids import message_hash

INF = float("inf")


@dataclass(frozen=True)
class Said:
    """One message: ``name`` is paid, linked, unlinked, retracted or unknown; names are pseudonyms."""

    node: bytes
    name: str
    time: int
    message_id: str
    known_at: int
    order: int = 0
    alias: bytes | None = None
    amount: int = 0
    target: str = ""

    @property
    def digest(self) -> int:
        """What a repeat has in common with the first: a number that tells bodies apart."""
        return self.amount + 1000 * len(self.name) + 100_000 * sum(self.target.encode())

    @property
    def rank(self) -> tuple[int, int, int]:
        return (self.time, self.order, message_hash(self.message_id))


@dataclass(frozen=True)
class Line:
    """One record of a timeline: ``kind`` is the message's name, or link or unlink on its alias."""

    node: bytes
    kind: str
    said: Said


class Bank:
    """Everything that was said and had arrived by ``known``."""

    def __init__(self, said: Iterable[Said], *, known: int, customers: Iterable[bytes]) -> None:
        self.said = [one for one in said if one.known_at <= known]
        self.customers = set(customers)

    def _retracted_on(self, node: bytes) -> set[str]:
        return {one.target for one in self.said if one.name == "retracted" and one.node == node}

    def _stated(self, alias: bytes, owner: bytes) -> list[Said]:
        void = self._retracted_on(alias) | self._retracted_on(owner)
        about = [one for one in self.said if one.alias == alias and one.node == owner]
        return [one for one in about if one.message_id not in void]

    def links(self, alias: bytes) -> list[Said]:
        found = []
        for owner in {one.node for one in self.said if one.alias == alias}:
            stated = self._stated(alias, owner)
            unlinks = [one.time for one in stated if one.name == "unlinked"]
            found += [one for one in stated if one.name != "unlinked" and all(one.time > at for at in unlinks)]
        return sorted(found, key=lambda one: (one.rank, one.node))

    def owner(self, alias: bytes, time: float) -> bytes | None:
        links = self.links(alias)
        later = [link for link in links if link.time >= time]
        if later:
            return later[0].node
        return links[-1].node if links else None

    def end(self, node: bytes, time: float) -> bytes:
        path = [node]
        while True:
            owner = self.owner(path[-1], time)
            if owner is None:
                return path[-1]
            if owner in path:
                circle = path[path.index(owner) :]
                return min([name for name in circle if name in self.customers] or circle)
            path.append(owner)

    def root(self, node: bytes) -> bytes:
        return self.end(node, INF)

    def lines(self) -> list[Line]:
        found = [Line(one.node, one.name, one) for one in self.said]
        for one in self.said:
            if one.alias is not None:
                kind = "unlink" if one.name == "unlinked" else "link"
                found += [Line(one.alias, kind, one)]
        return found

    def timeline(self, root: bytes) -> list[Line]:
        """Return the lines of the person that a root names, in no order."""
        mine = [line for line in self.lines() if self.root(self.end(line.node, line.said.time)) == root]
        kept: dict[tuple[str, str], Line] = {}
        for message_id in {line.said.message_id for line in mine}:
            same = [line for line in mine if line.said.message_id == message_id]
            best = min((line.said.time, line.said.order, line.said.digest) for line in same)
            for line in same:
                if (line.said.time, line.said.order, line.said.digest) == best:
                    kept.setdefault((message_id, line.kind), line)
        gone = {line.said.target for line in kept.values() if line.kind == "retracted"}
        return [line for line in kept.values() if line.said.message_id not in gone or line.kind == "retracted"]
