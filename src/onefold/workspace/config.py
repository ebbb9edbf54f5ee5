"""``onefold.yaml``: what a workspace says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onefold.core.document import Section
from onefold.core.instant import Span
from onefold.core.zone import Zone, zone
from onefold.sources.currencies import EXPONENTS

FILE = "onefold.yaml"
_KNOWN = ("name", "time_zone", "currency", "locale", "retention", "storage", "consent", "calendar")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a workspace. ``retention`` maps a source to how long its events exist."""

    name: str
    zone: Zone
    currency: str = "EUR"
    locale: str = "en"
    retention: Mapping[str, Span] = field(default_factory=dict)

    @property
    def money_scale(self) -> int:
        """Decimals of the workspace's currency (ISO 4217)."""
        return EXPONENTS[self.currency]


def read_config(section: Section) -> Config:
    """Read ``onefold.yaml``, noting problems; what is at fault takes its default."""
    section.only(*_KNOWN)
    name = section.required("name") or ""
    return Config(name, _zone(section), _currency(section), section.text("locale") or "en", _retention(section))


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
