"""How stories are told: a bank's files, its messages, and every question asked twice.

A question goes through the Python API and through the command line; the two answers must be the same, and the story
goes on with the one. All moments are stated, so the clocks do not matter unless a story moves its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acceptance.command import Onefold
from tests.acceptance.shop import Shop, track

from onefold.decisions.answer import encode

ONEFOLD = "name: A bank of a story\ntime_zone: UTC\ncurrency: EUR\n"
LONG_AGO = "2020-01-01T00:00:00Z"


def consent(user: str = "u1", purpose: str = "marketing", at: str = LONG_AGO, **more: Any) -> dict[str, Any]:
    """Return a statement of consent: granted and general, unless ``status`` or ``channel`` say otherwise."""
    return track("consent_changed", at, user, **{"purpose": purpose, "status": "granted", **more})


@dataclass(frozen=True)
class Flip:
    """A change of a membership, without what depends on when it was computed."""

    at: str
    customer: str
    segment: str
    change: str
    cause: str


FLIP = tuple(Flip.__annotations__)


@dataclass(frozen=True)
class Story:
    """A bank and the two ways of asking it."""

    shop: Shop
    onefold: Onefold

    @classmethod
    def told(cls, folder: Path, onefold: Onefold, files: Mapping[str, str]) -> Story:
        """Make a bank; ``files`` are texts by kind: events, features, segments, offers, placements, policies."""
        where = {"events": "events.yaml", "placements": "placements.yaml", "policies": "policies.yaml"}
        texts = {where.get(kind, f"{kind}/all.yaml"): text for kind, text in files.items()}
        shop = Shop(folder, {"onefold.yaml": ONEFOLD, **texts})
        shop.clock.set(LONG_AGO)  # arrivals never run backwards: a story that moves the clock moves it forward
        return cls(shop, onefold)

    def send(self, *messages: Mapping[str, Any]) -> None:
        """Load messages, all of which must be accepted."""
        report = self.shop.send(*messages)
        assert report.rejected == 0, self.shop.bank.rejections()

    def asked(self, *words: object) -> Any:
        """Return what a command answers in JSON."""
        return self.onefold(*words, "-w", self.shop.folder, "--json").fine().json

    def decide(
        self, customer: str, placement: str, *, at: str, context: Mapping[str, str] | None = None, **about: Any
    ) -> dict[str, Any]:
        """Return the answer for one placement, of a dry run with the way of every candidate."""
        answer = self.shop.bank.decide(customer, placement, at=at, context=context, dry_run=True, explain=True, **about)
        words: list[object] = ["decide", customer, "--placement", placement, "--at", at, "--explain"]
        for name, value in (context or {}).items():
            words += ["--context", f"{name}={value}"]
        for event in about.get("events", ()):
            words += ["--event", json.dumps(event)]
        for option in about.keys() - {"events"}:
            words += [f"--{option}", about[option]]
        said = self.onefold(*words, "-w", self.shop.folder, "--json").fine().out
        assert said.encode() == encode(answer) + b"\n"
        found: dict[str, Any] = json.loads(said)["placements"][placement]
        return found

    def offers(self, customer: str, placement: str, *, at: str, **about: Any) -> list[tuple[str, str]]:
        """Return the offers that a placement shows, each with its treatment."""
        return offers_of(self.decide(customer, placement, at=at, **about))

    def segments(self, customer: str, at: str) -> list[str]:
        """Return the segments that a customer is in, as every way of asking has it."""
        found: list[str] = self.asked("genome", customer, "--at", at)["segments"]
        assert list(self.shop.bank.genome(customer, at=at).segments) == found
        name = f"user:{customer}"
        for listed in self.asked("segments", "list", "--at", at):
            members = self.shop.bank.segments.members(listed["name"], at=at)
            assert (len(members), name in members) == (listed["count"], listed["name"] in found)
        return found

    def why(self, customer: str, segment: str, at: str) -> dict[str, Any]:
        """Return why a customer is in a segment, or not."""
        found: dict[str, Any] = self.asked("why", customer, "--segment", segment, "--at", at)
        ours = self.shop.bank.segments.why(customer, segment, at=at).as_json()
        assert {key: found[key] for key in ("member", "since", "until", "cause")} == {
            key: ours[key] for key in ("member", "since", "until", "cause")
        }
        return found

    def changes(self, since: str, at: str) -> list[Flip]:
        """Return who entered and left between two moments."""
        found = self.asked("segments", "changes", "--since", since, "--at", at)
        ours = self.shop.bank.segments.changes(since, at=at)
        assert [(one.seq, one.customer, one.definitions) for one in ours] == [
            (seq, one["customer"], one["definitions"]) for seq, one in enumerate(found, 1)
        ]
        flips = [Flip(one.at, one.customer, one.segment, one.change, one.cause) for one in ours]
        assert flips == [Flip(**{key: one[key] for key in FLIP}) for one in found]
        return flips


Teller = Callable[..., Story]


def offers_of(placement: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the offers of an answer, each with its treatment."""
    return [(item["offer"], item["treatment"]) for item in placement["items"]]


def stages_of(placement: Mapping[str, Any], offer: str) -> Sequence[str]:
    """Return where an offer's candidates ended, each stage once."""
    return sorted({step["stage"] for step in placement["funnel"] if step["offer"] == offer})
