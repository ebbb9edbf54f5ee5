"""A case played: a workspace on a clock of its own, asked at the moment of each assertion through the Python API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.dittofeed.declaring import declare
from tests.dittofeed.properties import Reading, reading
from tests.dittofeed.segments import predicate, subscription
from tests.dittofeed.sending import MILLISECOND, messages
from tests.dittofeed.sheet import HELPER, Sheet
from tests.dittofeed.tables import Definitions, Json, Table

from onefold.core.errors import UserError
from onefold.core.instant import format_instant, from_datetime
from onefold.sources.names import event_name
from onefold.workspace.bank import Bank
from onefold.workspace.segments import Change

BEGIN = from_datetime(datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
"""When the clock of every case starts: absolute times in the cases are meant so."""
ONEFOLD = {"name": "Case", "time_zone": "UTC", "currency": "EUR"}


@dataclass(frozen=True)
class Seen:
    """What we say of one user: the segments they are in, and the properties that are not NULL."""

    segments: frozenset[str]
    properties: Mapping[str, Any]


class Stage:
    """The workspace of one case. ``now`` is its clock, in microseconds."""

    def __init__(self, folder: Path, table: Table) -> None:
        self.folder, self.now, self.sent = folder, BEGIN, 0
        self.bank = Bank(folder, clock=lambda: self.now)
        self.declared = declare(table)
        self.definitions = Definitions.at_first(table.raw)
        self.refused: list[str] = []
        self.times: set[int] = set()
        self._visitors = {event["anonymousId"] for event in table.events() if "anonymousId" in event}
        self.rejected = 0
        self._readings: dict[str, Reading] = {}
        self._write("onefold.yaml", ONEFOLD)
        self._write("events.yaml", self.declared.yaml())
        self.define(self.definitions)

    def define(self, definitions: Definitions) -> None:
        """Write and publish definitions; what names a path that is none is refused first, then left out."""
        self.definitions = definitions
        if (refused := self._translate(broken=True).refused) != self.refused:
            self.refused = refused
            with pytest.raises(UserError) as caught:
                self.bank.check()
            assert all(any(path in str(problem) for problem in caught.value.problems) for path in refused)
        self._translate(broken=False)
        self.bank.apply()

    def submit(self, step: Json) -> None:
        """Load the events of a step, which arrive now."""
        some = list(messages(step, self.declared, now=self.now, first=self.sent))
        self.sent += len(some)
        self.times |= {from_datetime(datetime.fromisoformat(one["timestamp"])) for one in some}
        path = self.folder.parent / "messages.jsonl"
        path.write_text("".join(f"{json.dumps(one)}\n" for one in some), encoding="utf-8")
        report = self.bank.load_messages([path])
        self.rejected += sum(one.rejected for one in report.sources)

    def sleep(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now += milliseconds * MILLISECOND

    def namespace(self, user: str) -> str:
        """Return what stands before a user's name."""
        return "anon" if user in self._visitors else "user"

    def see(self, customer: str, at: int, *, known: int | None = None) -> Seen:
        """Return what is served of a customer at an instant, of what was known then or of all."""
        until = None if known is None else format_instant(known)
        found = self.bank.genome(customer, at=format_instant(at), known=until)
        assert found.customer == customer
        theirs = {event_name(name): name for name in self._segments()}
        inside = frozenset(theirs[name] for name in found.segments if not name.startswith(HELPER))
        values = {name: read(found.features, customer) for name, read in self._readings.items()}
        return Seen(inside, {name: value for name, value in values.items() if value is not None})

    def members(self, segment: str) -> list[str]:
        """Return the customers of one of their segments now."""
        return self.bank.segments.members(event_name(segment), at=format_instant(self.now))

    def changes(self) -> list[Change]:
        """Return every change from the beginning until now, each at its own instant."""
        return self.bank.segments.changes(format_instant(BEGIN - 10**12), at=format_instant(self.now))

    def entered(self, segment: str) -> int:
        """Return how often the journal, brought up to now, says that somebody entered."""
        told = self.bank.segments.changes(format_instant(BEGIN - 10**12))
        return sum((one.segment, one.change) == (event_name(segment), "entered") for one in told)

    def _segments(self) -> Iterable[str]:
        return (*self.definitions.segments, *self.definitions.groups)

    def _translate(self, *, broken: bool) -> Sheet:
        sheet = Sheet(self.declared, broken=broken)
        found = {name: reading(one, sheet) for name, one in self.definitions.properties.items()}
        self._readings = {name: read for name, read in found.items() if read is not None}
        segments = {name: predicate(one, sheet) for name, one in self.definitions.segments.items()}
        segments |= {name: subscription(one, sheet) for name, one in self.definitions.groups.items()}
        written = {event_name(name): {"when": when} for name, when in segments.items()}
        self._write("features/case.yaml", {"features": sheet.features})
        self._write("segments/case.yaml", {"segments": {**sheet.segments, **written}})
        return sheet

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
