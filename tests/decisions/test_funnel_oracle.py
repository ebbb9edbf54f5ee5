"""The funnel against its naive second implementation, over generated catalogues, customers and calls."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decisions import naive
from tests.decisions.bank import UTC, Bank, make_bank

from onefold.core.instant import Span
from onefold.core.types import Purpose
from onefold.decisions.answer import Answer, encode
from onefold.decisions.contact.base import Policy
from onefold.decisions.contact.cap import Cap
from onefold.decisions.contact.moment import Contact, Outcome, Per, Preference, Wish
from onefold.decisions.contact.pause import Pause
from onefold.decisions.contact.preference import Preferences
from onefold.decisions.contact.suppress import Suppress
from onefold.decisions.decide import Stamp, decide
from onefold.decisions.definitions import Catalogue, Offer, Placement, Treatment, Valid
from onefold.decisions.prepared import prepare
from onefold.decisions.request import Request
from onefold.decisions.situation import Situation
from onefold.language.ast import Kind, Literal, Name, Node
from onefold.language.values import Value

CHANNELS = ["web", "sms"]
NAMES = ["a", "b", "c", "d", "e"]
TOPICS = ["x", "y"]
NOW = 100

truths = st.sampled_from([True, True, True, True, False, None])
times = st.integers(60, NOW + 5)
channels = st.sampled_from(CHANNELS)


def naive_treatments() -> st.SearchStrategy[tuple[naive.NaiveTreatment, ...]]:
    said = st.lists(channels, min_size=1, max_size=2, unique=True).map(tuple)
    bodies = st.lists(st.tuples(said, truths), min_size=1, max_size=3)
    return bodies.map(lambda found: tuple(naive.NaiveTreatment(f"t{at}", *one) for at, one in enumerate(found)))


def naive_offer(name: str) -> st.SearchStrategy[naive.NaiveOffer]:
    return st.builds(
        naive.NaiveOffer,
        st.just(name),
        st.sampled_from(TOPICS),
        st.sampled_from(["marketing", "marketing", "marketing", "service"]),
        st.sampled_from([False, False, False, True]),
        st.one_of(st.none(), st.none(), st.sampled_from([NOW - 1, NOW, NOW + 1])),
        st.one_of(st.none(), st.none(), st.sampled_from([NOW - 1, NOW, NOW + 1])),
        truths,
        truths,
        truths,
        st.sampled_from([None, 0.5, 0.25, 1.0, 0.0, -1.0]),
        st.sampled_from([1, 2, 2, 4, 0, -1]),
        naive_treatments(),
    )


@st.composite
def cases(draw: st.DrawFn) -> naive.Case:
    offers = tuple(draw(naive_offer(name)) for name in draw(st.permutations(NAMES))[: draw(st.integers(1, 5))])
    excludes = st.lists(st.sampled_from(NAMES), max_size=1).map(tuple)
    place = st.tuples(channels, st.integers(1, 3), excludes)
    placements = draw(st.lists(place, min_size=1, max_size=3))
    spans = st.integers(1, 40)
    some = st.sampled_from([(), ("web",), ("web", "sms")])
    caps = st.builds(naive.NaiveCap, st.integers(1, 4), spans, st.sampled_from(["customer", "offer", "topic"]), some)
    decisions = st.sampled_from(["d1", "d2", None])
    outcomes = st.sampled_from(["shown", "reserved", "rejected", "clicked"])
    events = st.builds(naive.NaiveEvent, outcomes, times, st.sampled_from([*NAMES, "retired"]), channels, decisions)
    gates = [(purpose, channel) for purpose in ("marketing", "third_party") for channel in CHANNELS]
    return naive.Case(
        NOW,
        draw(st.integers(1, 20)),
        offers,
        tuple(naive.NaivePlacement(f"p{at}", *one) for at, one in enumerate(placements)),
        tuple(draw(st.lists(caps, max_size=2))),
        tuple(draw(st.lists(st.builds(naive.NaivePause, spans, st.integers(1, 3), spans), max_size=1))),
        draw(st.sampled_from([False, False, False, True, None])),
        tuple(draw(st.lists(st.sampled_from(TOPICS), max_size=1))),
        tuple(gate for gate in gates if draw(st.sampled_from([True, True, True, False]))),
        tuple(sorted(draw(st.lists(events, max_size=8)), key=lambda event: event.time)),
        draw(st.sampled_from([None, None, *CHANNELS])),
    )


class Built:
    """A case as the real thing: each truth becomes a name of the row."""

    def __init__(self, case: naive.Case, bank: Bank) -> None:
        self.case, self.row = case, dict[str, Value]()
        policies: list[Policy] = [Preferences()]
        policies += [Cap(one.most, Span(fixed=one.within), one.channels, Per(one.per)) for one in case.caps]
        for one in case.pauses:
            within = Span(fixed=one.within)
            policies.append(Pause(Span(fixed=one.length), "rejections", one.most, within, Per.OFFER))
        policies.append(Suppress(self.truth("suppressed", case.suppressed), frozenset({Purpose.SERVICE})))
        catalogue = Catalogue(
            {offer.name: self.offer(offer) for offer in case.offers},
            {
                one.name: Placement(one.name, one.channel, None, one.limit, frozenset(one.excludes))
                for one in case.placements
            },
            tuple(policies),
            Span(fixed=case.reserve),
        )
        self.prepared = prepare(catalogue, bank.features, bank.segments)

    def truth(self, name: str, value: naive.Truth) -> Node:
        self.row[name] = value
        return Name(name, Kind.BOOLEAN)

    def offer(self, one: naive.NaiveOffer) -> Offer:
        propensity: Node | None = None
        if one.propensity is not None:
            self.row[f"{one.name}.propensity"] = None if one.propensity < 0 else one.propensity
            propensity = Name(f"{one.name}.propensity", Kind.NUMBER)
            if one.propensity in (0.5, 0.0):  # a constant, whose bound is the score itself
                propensity = Literal(Decimal(str(one.propensity)), Kind.NUMBER)
        return Offer(
            one.name,
            "product",
            Purpose(one.purpose),
            tuple(
                Treatment(said.name, "ad", said.channels, after=self.truth(f"{one.name}.{said.name}", said.after))
                for said in one.treatments
            ),
            one.topic,
            partner="somebody" if one.partner else None,
            value=Literal(Decimal(one.value), Kind.NUMBER),
            propensity=propensity,
            valid=Valid(one.start, None if one.end is None else one.end + 1),
            eligible=self.truth(f"{one.name}.eligible", one.eligible),
            applicable=self.truth(f"{one.name}.applicable", one.applicable),
            suitable=self.truth(f"{one.name}.suitable", one.suitable),
        )

    def situation(self) -> Situation:
        case = self.case
        contacts = [
            Contact(Outcome(one.outcome), one.time, one.offer, "t0", "p0", one.channel, one.decision)
            for one in case.events
        ]

        def consent(purpose: Purpose, channel: str) -> bool:
            return purpose is Purpose.SERVICE or (str(purpose), channel) in case.granted

        wishes = [Preference(Wish.UNWANTED, 0, topic) for topic in case.unwanted]
        return Situation(case.now, 0, UTC, UTC, self.row, consent, contacts, wishes)


def compare(case: naive.Case, bank: Bank) -> None:
    built = Built(case, bank)
    names = tuple(placement.name for placement in case.placements)
    stamp = Stamp("decision", None, "hash")

    def ask(*, explain: bool) -> Answer:
        request = Request(customer=None, placements=names, channel=case.channel, explain=explain)
        return decide(built.prepared, request, built.situation(), stamp=stamp, seed=b"")

    answer, short = ask(explain=True), ask(explain=False)
    assert encode(answer) == encode(ask(explain=True))
    assert encode(short) == encode(ask(explain=False))
    assert short.status == answer.status
    for name, (picks, stages) in naive.decide(case).items():
        placement = answer.placements[name]
        assert [(item.offer, item.treatment) for item in placement.items] == picks
        assert isinstance(placement.funnel, tuple)
        ours = {(step.offer, step.treatment): str(step.stage) for step in placement.funnel}
        assert len(ours) == len(placement.funnel)
        assert ours == stages
        assert all(step.reason for step in placement.funnel)
        denied = bool(stages) and set(stages.values()) == {"consent"}
        assert placement.status == ("denied" if denied else "ok")
        assert msgspec.structs.replace(placement, funnel=msgspec.UNSET) == short.placements[name]


BANK = make_bank()


@settings(max_examples=300, deadline=None)
@given(cases())
def test_the_funnel_is_the_naive_one(case: naive.Case) -> None:
    compare(case, BANK)


@pytest.mark.nightly
@settings(max_examples=5_000, deadline=None)
@given(cases())
def test_the_funnel_is_the_naive_one_at_length(case: naive.Case) -> None:
    compare(case, BANK)
