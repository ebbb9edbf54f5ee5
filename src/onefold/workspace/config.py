"""``onefold.yaml``: what a workspace says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onefold.core.calendar import Calendar
from onefold.core.document import Section
from onefold.core.instant import Span
from onefold.core.zone import Zone, zone
from onefold.language.ast import Kind
from onefold.sources.currencies import EXPONENTS
from onefold.workspace.calendar import read_calendar

FILE = "onefold.yaml"
_KNOWN = (
    "name",
    "time_zone",
    "currency",
    "locale",
    "retention",
    "storage",
    "consent",
    "calendar",
    "context",
    "min_size",
)
OWN_CONSENT = frozenset({"email"})
CONTEXT = {
    **dict.fromkeys(("page", "device", "channel", "place_kind", "language"), Kind.CATEGORY),
    **dict.fromkeys(("hour", "latitude", "longitude"), Kind.NUMBER),
}
_CONTEXT_KINDS = {"category": Kind.CATEGORY, "number": Kind.NUMBER, "boolean": Kind.BOOLEAN}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a workspace.

    ``retention`` maps a source to how long its events exist. ``own_consent`` are the channels that need a consent of
    their own, ``context`` the kinds of what a decision may be told of the moment, and ``min_size`` how many people an
    exported segment must have at the least. ``calendar`` holds the periods and holidays that expressions may name.
    """

    name: str
    zone: Zone
    currency: str = "EUR"
    locale: str = "en"
    retention: Mapping[str, Span] = field(default_factory=dict)
    own_consent: frozenset[str] = OWN_CONSENT
    context: Mapping[str, Kind] = field(default_factory=lambda: dict(CONTEXT))
    min_size: int = 20
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def money_scale(self) -> int:
        """Decimals of the workspace's currency (ISO 4217)."""
        return EXPONENTS[self.currency]


def read_config(section: Section) -> Config:
    """Read ``onefold.yaml``, noting problems; what is at fault takes its default."""
    section.only(*_KNOWN)
    name = section.required("name") or ""
    return Config(
        name,
        _zone(section),
        _currency(section),
        section.text("locale") or "en",
        _retention(section),
        _own_consent(section),
        _context(section),
        _min_size(section),
        read_calendar(section),
    )


def _zone(section: Section) -> Zone:
    text = section.text("time_zone", "UTC") or "UTC"
    try:
        return zone(text)
    except ValueError as error:
        section.problem("time_zone", str(error), "Write a name such as Europe/Prague.")
        return zone("UTC")


def _currency(section: Section) -> str:
    text = section.text("currency", "EUR") or "EUR"
    if text not in EXPONENTS:
        section.problem("currency", f"{text!r} is no currency code", "Write one of ISO 4217, such as EUR or CZK.")
        return "EUR"
    return text


def _retention(section: Section) -> Mapping[str, Span]:
    spans = {}
    inner = section.section("retention")
    for source in inner.keys() if inner else ():
        assert inner is not None
        try:
            spans[source] = Span.parse(inner.text(source) or "")
        except ValueError as error:
            inner.problem(source, str(error), "Write a span such as 24mo.")
    return spans


def _own_consent(section: Section) -> frozenset[str]:
    """Return the channels for which a general consent is not enough."""
    inner = section.section("consent")
    if inner is None:
        return OWN_CONSENT
    inner.only("own_channels")
    if "own_channels" not in inner:
        return OWN_CONSENT
    return frozenset(str(item) for item, _ in inner.items_of("own_channels"))


def _context(section: Section) -> Mapping[str, Kind]:
    kinds = dict(CONTEXT)
    inner = section.section("context")
    for name in inner.keys() if inner else ():
        assert inner is not None
        kind = _CONTEXT_KINDS.get(inner.text(name) or "")
        if kind is None:
            inner.problem(name, "it is no kind of value", f"Use one of: {', '.join(_CONTEXT_KINDS)}.")
        else:
            kinds[name] = kind
    return kinds


def _min_size(section: Section) -> int:
    text = section.text("min_size", "20") or "20"
    if not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        section.problem("min_size", f"{text!r} is no number of people", "Write one such as 20.")
        return 20
    return int(text)
