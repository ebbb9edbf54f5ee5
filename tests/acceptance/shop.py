"""A small workspace in UTC and EUR that takes messages, on a clock that stands where a test puts it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from onefold.core.instant import from_datetime
from onefold.workspace.bank import Bank
from onefold.workspace.report import LoadReport

ONEFOLD = """
name: Shop
time_zone: UTC
currency: EUR
"""
EVENTS = """
events:
  card_purchase:
    amount:   {type: money}
    category: {type: category}
    products: {type: list, of: {sku: {type: category}, price: {type: money}}}
  page_viewed:
    path: {type: category}
  login: {}
  course_clicked:
    title: {type: category}
traits:
  birth_date: {type: date, sensitivity: protected}
  region:     {type: category}
  income:     {type: money, sensitivity: personal}
  email:      {type: text, sensitivity: identifier}
"""
FEATURES = """
features:
  spend:             {sum: card_purchase.amount, family: financial}
  purchases:         {count: card_purchase}
  lines:             {count: card_purchase.products}
  dearest:           {max: card_purchase.products.price}
  mortgage_views_7d: {count: page_viewed, where: "path LIKE '/mortgage%'", within: 7d, family: digital}
  pages:             {count: page_viewed}
  logins:            {count: login}
  days_since_login:  {since_last: login}
  region:            {last: traits.region, family: characteristics}
  income:            {last: traits.income, family: financial}
"""
NOON = "2026-06-01T12:00:00Z"


class Clock:
    """A clock that stands still."""

    def __init__(self, moment: str) -> None:
        self.set(moment)

    def set(self, moment: str) -> None:
        self.now = from_datetime(datetime.fromisoformat(moment))

    def __call__(self) -> int:
        return self.now


class Shop:
    """The workspace: its folder, its clock, and its files."""

    def __init__(self, folder: Path, files: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.clock = Clock(NOON)
        self.bank = Bank(folder, clock=self.clock)
        texts = {"onefold.yaml": ONEFOLD, "events.yaml": EVENTS, "features/all.yaml": FEATURES}
        for name, text in {**texts, **(files or {})}.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Write a definition file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def file(self, lines: Iterable[Mapping[str, Any] | bytes], name: str = "messages.jsonl") -> Path:
        """Write a file of messages: JSON of mappings, bytes as they are."""
        path = self.folder.parent / name
        raw = b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in lines)
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    def send(self, *lines: Mapping[str, Any] | bytes, history: bool = False) -> LoadReport:
        """Load messages; what is read must be accepted or rejected."""
        report = self.bank.load_messages([self.file(lines)], history=history)
        for one in report.sources:
            assert one.accepted + one.rejected == one.read
        return report

    def features(self, customer: str, at: str | None = None, known: str | None = None) -> dict[str, Any]:
        """Return the values of a customer's genome."""
        return dict(self.bank.genome(customer, at=at, known=known).features)


_ids = iter(range(1, 1_000_000))


def track(event: str, at: str = "2026-05-04T09:00:00Z", user: str | None = "u1", **more: Any) -> dict[str, Any]:
    """Return a track message; ``anon`` is its anonymousId, ``id`` its messageId, the rest its properties."""
    return _message({"type": "track", "event": event}, at, user, more, "properties")


def identify(at: str = "2026-05-04T09:00:00Z", user: str | None = "u1", **more: Any) -> dict[str, Any]:
    """Return an identify message; what is no ``anon`` or ``id`` is a trait."""
    return _message({"type": "identify"}, at, user, more, "traits")


def page(path: str, at: str, user: str | None = "u1", **more: Any) -> dict[str, Any]:
    """Return a page message."""
    return _message({"type": "page"}, at, user, {"path": path, **more}, "properties")


def _message(head: dict[str, Any], at: str, user: str | None, more: dict[str, Any], inside: str) -> dict[str, Any]:
    message = {**head, "timestamp": at, "messageId": more.pop("id", None) or f"message-{next(_ids)}"}
    if user is not None:
        message["userId"] = user
    if "anon" in more:
        message["anonymousId"] = more.pop("anon")
    return {**message, inside: more}
