"""The treatments of an offer: the ways of saying it."""

from __future__ import annotations

from enum import StrEnum

from onefold.core.document import Section
from onefold.decisions.definitions import Treatment
from onefold.decisions.expressions import Expressions
from onefold.decisions.words import check_name, names_of_list, word_of


class TreatmentKind(StrEnum):
    """What a treatment is to the customer."""

    AD = "ad"
    ARTICLE = "article"
    TOOL = "tool"
    MESSAGE = "message"
    CONVERSATION = "conversation"


def read_treatments(offer: Section, expressions: Expressions) -> tuple[Treatment, ...]:
    """Return the treatments of an offer in the order of the file; an offer without any is a problem."""
    inner = offer.section("treatments")
    if inner is None or not inner.values:
        if "treatments" not in offer or offer.raw("treatments") in (None, {}):
            place = offer.place_of("treatments")
            remedy = "Add `treatments: {banner: {kind: ad, channels: [web]}}`."
            offer.problems.add("`treatments`", "nothing says how the offer is made", remedy, place)
        return ()
    found = []
    for name, section in inner.sections():
        treatment = _read(name, inner, section, expressions)
        if treatment is not None:
            found.append(treatment)
    return tuple(found)


def _read(name: str, inner: Section, section: Section, expressions: Expressions) -> Treatment | None:
    section.only("kind", "channels", "content", "actions", "after")
    named = check_name(section.problems, "the treatment", name, inner.place_of_key(name))
    kind = word_of(section, "kind", TreatmentKind, required=True)
    channels = names_of_list(section, "channels")
    actions = names_of_list(section, "actions") if section.raw("actions") else ()
    if "channels" not in section:
        section.problems.add("`channels`", "it is missing", "Add `channels: [web]`.", section.place)
    after = expressions.predicate(section, "after")
    if not named or kind is None or not channels:
        return None
    return Treatment(name, kind, channels, section.text("content"), actions, after)
