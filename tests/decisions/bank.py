"""A small bank's definitions as text, read by the real readers; situations of plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent

import msgspec

from onefold.core.document import Section, read_yaml
from onefold.core.errors import Problem, Problems, UserError
from onefold.core.schema import Schema
from onefold.core.types import Purpose
from onefold.core.zone import Zone, zone
from onefold.decisions.answer import Answer
from onefold.decisions.contact.moment import Contact, Preference
from onefold.decisions.decide import Stamp, decide
from onefold.decisions.definitions import Catalogue
from onefold.decisions.prepared import Prepared, prepare
from onefold.decisions.reading import read_catalogue
from onefold.decisions.request import Request
from onefold.decisions.situation import Situation
from onefold.features.definitions import FeatureSet
from onefold.features.reading import read_features
from onefold.features.scope import genome_scope
from onefold.language.ast import Kind
from onefold.language.parse import parse_predicate
from onefold.language.values import Value
from onefold.segments.definitions import REFERENCES, Segment, SegmentSet, name_in_row
from onefold.sources.schema import read_schema

UTC = zone("UTC")
NOON = UTC.parse("2026-05-04T12:00:00")

EVENTS = """
events:
  page_viewed:
    path: {type: category}
  card_purchase:
    amount: {type: money}
    category: {type: category}
    postcode: {type: category, sensitivity: proxy}
  complaint: {}
traits:
  birth_date: {type: date, sensitivity: protected}
  sex: {type: category, sensitivity: protected}
  region: {type: category}
  income: {type: money, sensitivity: personal}
"""
FEATURES = """
features:
  mortgage_views_7d: {count: page_viewed, where: "path LIKE '/mortgage%'", within: 7d}
  spend: {sum: card_purchase.amount}
  spend_near: {sum: card_purchase.amount, where: "postcode = '110 00'"}
  has_mortgage: {expr: "mortgage_views_7d > 1000"}
  complaints: {count: complaint}
  young: {expr: "age < 30"}
  very_young: {expr: "young AND age < 25"}
"""
SEGMENTS = {
    "intent": ("Looking at mortgages", "mortgage_views_7d > 2", None),
    "juniors": ("Juniors", "young", None),
    "first": (None, "very_young", "tier"),
    "second": (None, "spend > 100", "tier"),
}
CONTEXT = {
    **dict.fromkeys(("page", "device", "channel", "place_kind", "language"), Kind.CATEGORY),
    **dict.fromkeys(("hour", "latitude", "longitude"), Kind.NUMBER),
}


@dataclass(frozen=True)
class Bank:
    """Definitions of everything below decisions."""

    schema: Schema
    features: FeatureSet
    segments: SegmentSet

    def read(self, offers: str = "", placements: str = "", policies: str = "", *, home: Zone = UTC) -> Catalogue:
        """Return the catalogue of texts; raise UserError with every problem."""
        problems = Problems()

        def section(text: str, file: str) -> Section:
            found = read_yaml(dedent(text), file)
            return Section(found.values, found.place, problems)

        catalogue = read_catalogue(
            [section(offers, "offers/all.yaml")],
            section(placements, "placements.yaml"),
            section(policies, "policies.yaml"),
            features=self.features,
            segments=self.segments,
            zone=home,
            own_consent=frozenset({"email"}),
            context=CONTEXT,
        )
        problems.raise_if_any()
        return catalogue

    def problems(self, offers: str = "", placements: str = "", policies: str = "") -> Sequence[Problem]:
        """Return what is wrong with texts, which must be something."""
        try:
            self.read(offers, placements, policies)
        except UserError as error:
            for one in error.problems:
                assert all((one.place.file, one.place.line, one.place.column)), one
                assert all((one.remedy, one.why)), one
            return error.problems
        raise AssertionError("nothing was wrong")

    def prepare(self, offers: str = "", placements: str = "", policies: str = "") -> Prepared:
        """Return the compiled catalogue of texts."""
        return prepare(self.read(offers, placements, policies), self.features, self.segments)


def make_bank() -> Bank:
    """Return the bank of the texts above."""
    schema = read_schema(read_yaml(EVENTS, "events.yaml"), currency="EUR")
    section = read_yaml(FEATURES, "features/all.yaml")
    features = read_features([section], schema)
    section.problems.raise_if_any()
    scope = genome_scope(features, more={name_in_row(name): Kind.BOOLEAN for name in SEGMENTS}, references=REFERENCES)
    segments = {
        name: Segment(name, parse_predicate(when, scope), when, title=title, dimension=dimension)
        for name, (title, when, dimension) in SEGMENTS.items()
    }
    return Bank(schema, features, SegmentSet(segments, tuple(segments)))


def granted(*purposes: Purpose) -> frozenset[Purpose]:
    """Return purposes that a customer granted, service among them."""
    return frozenset({Purpose.SERVICE, *purposes})


@dataclass(frozen=True)
class Customer:
    """A customer at a moment, for :meth:`ask`."""

    row: Mapping[str, Value] = field(default_factory=dict)
    now: int = NOON
    consents: frozenset[Purpose] = granted(Purpose.MARKETING)
    contacts: Sequence[Contact] = ()
    preferences: Sequence[Preference] = ()
    zone: Zone = UTC

    def situation(self, home: Zone = UTC) -> Situation:
        """Return what the decision reads."""
        return Situation(
            self.now,
            home.day(self.now),
            home,
            self.zone,
            self.row,
            lambda purpose, _channel: purpose in self.consents,
            self.contacts,
            self.preferences,
        )

    def ask(self, prepared: Prepared, *placements: str, channel: str | None = None, explain: bool = True) -> Answer:
        """Return the decision for some placements; the same choice is made where nobody asks for the funnel."""
        stamp = Stamp("d1", None, "hash")

        def asked(*, explain: bool) -> Answer:
            request = Request(customer="user:7", placements=placements, channel=channel, explain=explain)
            return decide(prepared, request, self.situation(), stamp=stamp, seed=b"seed")

        short = asked(explain=False)
        if not explain:
            return short
        answer = asked(explain=True)
        assert answer.status == short.status
        for name, one in answer.placements.items():
            assert msgspec.structs.replace(one, funnel=msgspec.UNSET) == short.placements[name]
        return answer


def ends(answer: Answer, placement: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Return of each candidate the stage and the reason; no candidate stands twice."""
    funnel = answer.placements[placement].funnel
    assert isinstance(funnel, tuple)
    found = {(step.offer, step.treatment): (str(step.stage), step.reason) for step in funnel}
    assert len(found) == len(funnel)
    return found


def chosen(answer: Answer, placement: str) -> list[str]:
    """Return the offers that a placement shows, in order."""
    items = answer.placements[placement].items
    assert [item.rank for item in items] == list(range(1, len(items) + 1))
    return [item.offer for item in items]
