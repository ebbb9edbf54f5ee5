"""Laws of every contact policy that is registered: a subject is all that an objection depends on."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decisions.bank import UTC, make_bank

from onefold.core.instant import HOUR
from onefold.core.types import Purpose
from onefold.decisions.contact import REGISTRY, Policy
from onefold.decisions.contact.moment import Contact, Moment, Outcome, Preference, Proposal, Wish

WRITTEN = {
    "cap": ["{cap: 1, per: PER, within: 20us}", "{cap: 2, per: PER, within: 20us, channels: [web], except: [service]}"],
    "pause": [
        "{pause: 20us, after: {rejections: 2, within: 9us}, per: PER}",
        "{pause: 5us, after: {exposures: 1}, per: PER}",
    ],
    "quiet": ["{quiet: '23:00-01:00', channels: [sms]}"],
    "suppress": ["{suppress: 'complaints > 0', except: [service]}", "{suppress: \"context.channel = 'sms'\"}"],
}
PERS = ("customer", "offer", "product", "topic", "treatment")
TEXT = ", ".join(one.replace("PER", per) for written in WRITTEN.values() for one in written for per in PERS)
POLICIES = make_bank().read(policies=f"policies: {{contact: [{TEXT}]}}").contact
CATALOGUE = {
    name: Proposal(name, product, topic, Purpose.MARKETING, "t", "web")
    for name, product, topic in (("a", "p", "x"), ("b", "p", "y"), ("c", "q", "x"))
}

proposals = st.builds(
    lambda offer, purpose, treatment, channel: replace(
        CATALOGUE[offer], purpose=purpose, treatment=treatment, channel=channel
    ),
    st.sampled_from("abc"),
    st.sampled_from([Purpose.MARKETING, Purpose.SERVICE]),
    st.sampled_from("tu"),
    st.sampled_from(["web", "sms"]),
)
contacts = st.lists(
    st.builds(
        Contact,
        st.sampled_from(list(Outcome)),
        st.integers(0, 40),
        st.sampled_from("abcz"),
        st.sampled_from("tu"),
        st.none(),
        st.sampled_from(["web", "sms"]),
    ),
    max_size=8,
).map(lambda found: sorted(found, key=lambda one: one.time))


def why(policy: Policy, proposal: Proposal, moment: Moment) -> str | None:
    if policy.subject(proposal) is None:
        return None
    objection = policy.objection(proposal, moment)
    return None if objection is None else objection()


def test_every_registered_policy_is_under_the_laws() -> None:
    assert set(WRITTEN) == set(REGISTRY)


@settings(deadline=None, max_examples=150)
@given(proposals, proposals, contacts, contacts, st.integers(0, 40), st.sampled_from([0.0, 1.0, None]), st.booleans())
def test_the_subject_is_all_that_an_objection_depends_on(
    one: Proposal,
    other: Proposal,
    exposures: list[Contact],
    said: list[Contact],
    now: int,
    complaints: float | None,
    unwanted: bool,
) -> None:
    wishes = [Preference(Wish.UNWANTED, 0, "x", "sms")] if unwanted else []
    at = now + 23 * HOUR
    moment = Moment(now, UTC, UTC, {"complaints": complaints}, 0, exposures, said, wishes, CATALOGUE)
    for policy in POLICIES:
        for when in (moment, replace(moment, now=at)):
            first = why(policy, one, when)
            assert first == why(policy, one, replace(when))
            assert first != ""
            if policy.subject(one) == policy.subject(other):
                assert first == why(policy, other, when)


@settings(deadline=None, max_examples=150)
@given(proposals, proposals, contacts, contacts, st.integers(0, 40))
def test_one_more_exposure_never_takes_an_objection_away(
    one: Proposal, chosen: Proposal, exposures: list[Contact], said: list[Contact], now: int
) -> None:
    seen = [contact for contact in exposures if contact.time <= now]
    moment = Moment(now, UTC, UTC, {"complaints": 0.0}, 0, seen, said, [], CATALOGUE)
    after = moment.plus(Contact(Outcome.SHOWN, now, chosen.offer, chosen.treatment, "home", chosen.channel))
    for policy in POLICIES:
        if why(policy, one, moment) is not None:
            assert why(policy, one, after) is not None
