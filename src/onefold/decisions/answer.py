"""What a decision answers, as the JSON of SEMANTICS section 8: the same bytes for the same decision."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec


class Status(StrEnum):
    """How a placement came out, the best first; a request is as its worst placement."""

    OK = "ok"
    DEFAULT = "default"
    STALE = "stale"
    DENIED = "denied"
    ERROR = "error"


def worst(statuses: Iterable[Status]) -> Status:
    """Return the status of a whole request.

    >>> worst([Status.OK, Status.DENIED, Status.STALE])
    <Status.DENIED: 'denied'>
    """
    return max(statuses, key=list(Status).index, default=Status.OK)


class Stage(StrEnum):
    """Where a candidate's way ended, in the order of the funnel."""

    CONSENT = "consent"
    VALID = "valid"
    ELIGIBLE = "eligible"
    APPLICABLE = "applicable"
    SUITABLE = "suitable"
    CONTACT = "contact"
    RANKING = "ranking"
    DIVERSITY = "diversity"
    RANK = "rank"
    CHOSEN = "chosen"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One offer to show, by one treatment.

    ``propensity`` = P(accept | shown), None where the offer states none; ``pscore`` = P(chosen); ``score`` in major
    units of money; ``terms`` are price points (None: unknown); ``content`` names a template.
    """

    offer: str
    treatment: str
    rank: int
    propensity: float | None
    pscore: float
    score: float
    terms: dict[str, Decimal | float | None]
    actions: tuple[str, ...]
    reasons: tuple[str, ...]
    content: str | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """The way of one candidate: the stage at which it ended and why. ``score`` where it was ranked."""

    offer: str
    treatment: str
    stage: Stage
    reason: str
    score: float | None


class PlacementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one placement shows: the items, or else the default. The ``funnel`` only where it was asked for."""

    status: Status
    default: str | None
    items: tuple[Item, ...] = ()
    funnel: tuple[Step, ...] | msgspec.UnsetType = msgspec.UNSET


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename={"decision_id": "decisionId"}):
    """The answer to a request; ``at`` and ``known`` in ISO 8601 (``known`` None: everything known today counts)."""

    decision_id: str
    status: Status
    at: str
    known: str | None
    definitions: str
    placements: dict[str, PlacementAnswer]


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(answer: Answer) -> bytes:
    """Return the JSON of an answer: keys in a fixed order, numbers in their shortest form, decimals as they are.

    >>> nothing = Answer(decision_id="d", status=Status.OK, at="", known=None, definitions="", placements={})
    >>> encode(nothing)
    b'{"decisionId":"d","status":"ok","at":"","known":null,"definitions":"","placements":{}}'
    """
    return _ENCODER.encode(answer)


def decode(data: bytes) -> Answer:
    """Read the JSON of an answer back; encoding it again gives the same bytes.

    >>> empty = Answer(decision_id="d", status=Status.OK, at="", known=None, definitions="", placements={})
    >>> decode(encode(empty)) == empty
    True
    """
    said = _DECODER.decode(data)
    return Answer(
        decision_id=said["decisionId"],
        status=Status(said["status"]),
        at=said["at"],
        known=said["known"],
        definitions=said["definitions"],
        placements={name: _placement(one) for name, one in said["placements"].items()},
    )


def _placement(said: dict[str, Any]) -> PlacementAnswer:
    items = (
        Item(**{**item, "actions": tuple(item["actions"]), "reasons": tuple(item["reasons"])}) for item in said["items"]
    )
    steps = (Step(**{**step, "stage": Stage(step["stage"])}) for step in said.get("funnel", ()))
    return PlacementAnswer(
        status=Status(said["status"]),
        default=said["default"],
        items=tuple(items),
        funnel=tuple(steps) if "funnel" in said else msgspec.UNSET,
    )


def _number(text: str) -> float | Decimal:
    """Return a number as it was written: a float where that writes the same, else a decimal with its zeros."""
    number = float(text)
    return number if _ENCODER.encode(number) == text.encode() else Decimal(text)


_DECODER = msgspec.json.Decoder(float_hook=_number)
