"""A case from its first step to its last, with every assertion; then the same questions asked once more, later."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tests.dittofeed.properties import summary
from tests.dittofeed.sheet import HELPER
from tests.dittofeed.stage import Seen, Stage
from tests.dittofeed.tables import Definitions, Json, Table

from onefold.core.instant import SECOND, from_datetime


class Play:
    """Plays a table. ``users`` is how many users a step that says a larger number is given, None for all."""

    def __init__(self, table: Table, folder: Path, *, users: int | None = None) -> None:
        self.table, self.users = table, users
        self.stage = Stage(folder / "bank", table)
        self.triples = 0
        self.asked: list[tuple[str, int, Definitions, Seen]] = []

    def run(self) -> None:
        """Play every step."""
        for step in self.table.steps:
            self._step(step)
        self._ask_again()

    def _step(self, step: Json) -> None:
        match step["type"]:
            case "SubmitEvents" | "SubmitEventsTimes":
                self.stage.submit({**step, "times": self._number(step["times"])} if "times" in step else step)
            case "Sleep":
                self.stage.sleep(step["timeMs"])
            case "UpdateComputedProperty":
                self.stage.define(self.stage.definitions.updated(step))
            case "Assert":
                self._assert(step)
            case "ComputeProperties" | "Delay" | "UpdateJourney":  # what is asked is right at any moment, by itself
                pass
            case unknown:
                raise AssertionError(unknown)

    def _assert(self, step: Json) -> None:
        for user in step.get("users", ()):
            self._assert_user(user)
        for segment in self.stage.definitions.segments:
            self._assert_members(segment, step)
        if "userCount" in step:
            assert self.stage.bank.status().customers == self._number(step["userCount"])
        for journey in step.get("journeys", ()):  # each begins when somebody enters its segment
            segment = self._entry_of(journey["journeyName"])
            assert self.stage.entered(segment) == journey["times"], step.get("description")

    def _assert_user(self, user: Json) -> None:
        known = self.stage.now
        name = f"{self.stage.namespace(user['id'])}:{user['id']}"
        seen = self.stage.see(name, self.stage.now)
        assert self.stage.see(name, self.stage.now, known=known) == seen
        if "properties" in user:
            wanted = {one: summary(value) for one, value in user["properties"].items()}
            if "id" not in self.stage.definitions.properties:  # asserted now and then where it is not defined
                assert wanted.pop("id", user["id"]) == user["id"]
            assert seen.properties == wanted
        results = {**user.get("segments", {}), **user.get("subscriptions", {})}
        if results or "segments" in user:
            assert seen.segments == {segment for segment, inside in results.items() if inside}
        self.triples += len(user.get("segments", {}))
        self.asked.append((name, self.stage.now, self.stage.definitions, seen))

    def _assert_members(self, segment: str, step: Json) -> None:
        """A segment's list agrees with what is asserted of each user; a count with the length of the list."""
        members = self.stage.members(segment)
        for user in step.get("users", ()):
            if segment in user.get("segments", {}):
                assert (f"user:{user['id']}" in members) == bool(user["segments"][segment])
        if "userCount" in step:
            assert len(members) == self._number(step["userCount"])

    def _ask_again(self) -> None:
        """Ask for the past, as it was known then: whatever came since, nothing of it has changed."""
        for name, at, definitions, seen in self.asked:
            if definitions == self.stage.definitions:
                assert self.stage.see(name, at, known=at) == seen

    def _entry_of(self, journey: str) -> str:
        stated = {one["name"]: one["entrySegmentName"] for one in self.table.raw.get("journeys", ())}
        (segment,) = [stated[journey]] if journey in stated else self.stage.definitions.segments
        return segment

    def _number(self, stated: int) -> int:
        return stated if self.users is None else min(stated, self.users)

    def flips_by_time(self) -> list[int]:
        """Return the instants, up to the end, at which a user entered or left a segment by time alone."""
        return [
            from_datetime(datetime.fromisoformat(change.at))
            for change in self.stage.changes()
            if change.cause == "time" and not change.segment.startswith(HELPER)
        ]

    def ends_of_windows(self) -> set[int]:
        """Return the instants at which time alone may flip a segment of the case.

        An event leaves ``within: w`` a microsecond after t + w; a trait has been the same for w at t + w.
        """
        ends = set()
        for node in self.stage.definitions.nodes():
            operator = node.get("operator", {})
            window = node.get("withinSeconds", operator.get("windowSeconds", 0)) * SECOND
            late = 0 if operator.get("type") == "HasBeen" else 1
            ends |= {time + window + late for time in self.stage.times if window}
        return ends
