"""The events of a case as messages of the Segment spec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.dittofeed.declaring import LINES, Declared, reached, stated
from tests.dittofeed.naming import flat
from tests.dittofeed.tables import Json

from onefold.core.instant import format_instant

MILLISECOND = 1000


def messages(step: Json, declared: Declared, *, now: int, first: int) -> Iterator[dict[str, Any]]:
    """Yield the messages of a step that submits events at ``now``; their ids count from ``first``."""
    number = first
    for event in _repeated(step):
        for kind, body in _bodies(event, declared):
            at = body.pop("timestamp", format_instant(now + event["offsetMs"] * MILLISECOND))
            who = {key: event[key] for key in ("userId", "anonymousId") if key in event}
            yield {"type": kind, "timestamp": at, "messageId": f"m{number}", **who, **body}
            number += 1


def _repeated(step: Json) -> Iterator[Json]:
    """Yield the events; where a step repeats one, for users of as many numbers, which also stand in their e-mails."""
    if step["type"] == "SubmitEvents":
        yield from step["events"]
        return
    for number in range(step["times"]):
        for event in step["events"]:
            traits = {"email": f"test{number}@email.com"} if event.get("traits") else {}
            yield {**event, "userId": f"user-{number}", "traits": traits}


def _bodies(event: Json, declared: Declared) -> Iterator[tuple[str, dict[str, Any]]]:
    if event["type"] == "track":
        yield "track", {"event": event["event"], "properties": flat(event.get("properties", {}))}
        return
    traits = flat(event.get("traits", {}))
    yield "identify", {"traits": {name: value for name, value in traits.items() if name not in declared.listed}}
    for name in sorted(declared.listed & traits.keys()):
        yield "track", {"event": stated(name), "properties": {LINES: traits[name]}}
    for name in sorted(declared.dated & traits.keys()):
        yield "track", {"event": reached(name), "properties": {}, "timestamp": traits[name]}
