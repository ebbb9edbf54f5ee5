"""The whole catalogue: what the files say by themselves, and what they say of one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from onefold.core.document import Section
from onefold.core.zone import Zone
from onefold.decisions.contact import Preferences
from onefold.decisions.definitions import RESERVE, Catalogue, Offer
from onefold.decisions.expressions import Expressions
from onefold.decisions.lineage import Lineage
from onefold.decisions.reading.fairness import check_fairness
from onefold.decisions.reading.offers import OfferReader
from onefold.decisions.reading.placements import read_placements
from onefold.decisions.reading.policies import read_policies
from onefold.decisions.words import check_name
from onefold.features.definitions import FeatureSet
from onefold.language.ast import Kind
from onefold.segments.definitions import SegmentSet


def read_catalogue(
    offers: Iterable[Section],
    placements: Section | None,
    policies: Section | None,
    *,
    features: FeatureSet,
    segments: SegmentSet,
    zone: Zone,
    own_consent: frozenset[str],
    context: Mapping[str, Kind],
) -> Catalogue:
    """Read the files of section 6; problems go to each file's collector, which the caller raises.

    ``offers`` are the files of ``offers/``, sorted by path; ``zone`` is the workspace's; ``own_consent`` the channels
    that need a consent of their own; ``context`` the kinds of ``context.*``, by the word behind the dot. The catalogue
    returned beside problems lacks what is at fault.
    """
    expressions = Expressions.over(features, segments, context)
    reader = OfferReader(expressions, zone)
    lineage = Lineage(features, segments)
    found: dict[str, Offer] = {}
    named: set[str] = set()
    for file in offers:
        file.only("offers")
        inner = file.section("offers")
        for name, section in inner.sections() if inner is not None else ():
            assert inner is not None
            if not _fresh(name, inner, named):
                continue
            offer = reader.read(name, section)
            if offer is not None:
                check_fairness(offer, section, lineage)
                found[name] = offer
    contact, reserve = read_policies(policies, expressions) if policies is not None else ((), None)
    stand = read_placements(placements, named) if placements is not None else {}
    return Catalogue(found, stand, (Preferences(), *contact), reserve or RESERVE, own_consent)


def _fresh(name: str, inner: Section, named: set[str]) -> bool:
    """Note an offer whose name is none or is taken; return whether it may have it."""
    place = inner.place_of_key(name)
    if not check_name(inner.problems, "the offer", name, place):
        return False
    if name in named:
        inner.problems.add(f"the offer `{name}`", "it is defined twice", "Remove or rename one of them.", place)
        return False
    named.add(name)
    return True
