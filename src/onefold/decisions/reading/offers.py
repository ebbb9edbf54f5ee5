"""One offer of ``offers/*.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onefold.core.document import Section
from onefold.core.types import Purpose
from onefold.core.zone import Zone
from onefold.decisions.definitions import Offer
from onefold.decisions.expressions import Expressions, literal_of
from onefold.decisions.reading.treatments import read_treatments
from onefold.decisions.reading.validity import read_valid
from onefold.decisions.words import check_name, name_of, word_of
from onefold.language.ast import Kind, Node

_KEYS = (
    *(
        "product",
        "topic",
        "title",
        "owner",
        "regulated",
        "purpose",
        "partner",
        "value",
        "propensity",
        "weight",
        "lever",
    ),
    *("valid", "eligible", "applicable", "suitable", "terms", "treatments"),
)
_NUMBER = frozenset({Kind.NUMBER})
FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class OfferReader:
    """Reads offers of one workspace; ``zone`` says when its days begin."""

    expressions: Expressions
    zone: Zone

    def read(self, name: str, section: Section) -> Offer | None:
        """Return an offer; None where what it cannot do without is missing. Problems are noted in the section."""
        section.only(*_KEYS)
        product, topic = name_of(section, "product", required=True), name_of(section, "topic")
        purpose = word_of(section, "purpose", Purpose, required=True)
        treatments = read_treatments(section, self.expressions)
        predicate, number = self.expressions.predicate, self.expressions.number
        terms, floor = self._terms(section)
        offer = Offer(
            name,
            product or "",
            purpose or Purpose.THIRD_PARTY,
            treatments,
            topic or product or "",
            title=section.text("title"),
            owner=section.text("owner"),
            regulated=name_of(section, "regulated"),
            partner=section.text("partner"),
            value=number(section, "value"),
            propensity=self._share(section),
            weight=self._factor(section, "weight"),
            lever=self._factor(section, "lever"),
            valid=read_valid(section, self.zone),
            eligible=predicate(section, "eligible"),
            applicable=predicate(section, "applicable"),
            suitable=predicate(section, "suitable"),
            terms=terms,
            floor=floor,
            place=section.place,
        )
        return offer if product is not None and purpose is not None and treatments else None

    def _share(self, section: Section) -> Node | None:
        node = self.expressions.number(section, "propensity", kinds=_NUMBER)
        stated = literal_of(node)
        if stated is not None and not 0 <= stated <= 1:
            why = f"{stated} is no probability"
            section.problem("propensity", why, "Write a number from 0 to 1: 4 of a hundred are 0.04.")
        return node

    def _factor(self, section: Section, key: str) -> Node | None:
        node = self.expressions.number(section, key, kinds=_NUMBER)
        stated = literal_of(node)
        if stated is not None and stated < 0:
            section.problem(key, "a factor below 0 would turn the ranking about", "Write a number from 0 on.")
        return node

    def _terms(self, section: Section) -> tuple[Mapping[str, Node], Node | None]:
        """Return the price points by name, and the least that any of them may be."""
        inner = section.section("terms")
        found: dict[str, Node] = {}
        floor = None
        for name in inner.keys() if inner is not None else ():
            assert inner is not None
            if not check_name(inner.problems, "the term", name, inner.place_of_key(name)):
                continue
            node = self.expressions.number(inner, name)
            if name == FLOOR:
                floor = node
                if node is not None and literal_of(node) is None:
                    inner.problem(name, "the least price is one for all", "Write a number.")
            elif node is not None:
                found[name] = node
        return found, floor
