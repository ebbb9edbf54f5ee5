"""Each policy by itself: exact to the microsecond at both ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decisions.bank import NOON, UTC, Bank

from onefold.core.instant import DAY, HOUR, MINUTE, Span
from onefold.core.types import Purpose
from onefold.core.zone import Zone, zone
from onefold.decisions.contact.base import Policy
from onefold.decisions.contact.cap import Cap
from onefold.decisions.contact.moment import Contact, Moment, Outcome, Per, Preference, Proposal, Wish
from onefold.decisions.contact.pause import Pause
from onefold.decisions.contact.preference import Preferences
from onefold.decisions.contact.quiet import Quiet
from onefold.decisions.contact.spans import before, leaves
from onefold.decisions.exposures import exposures_of
from onefold.features import kernel
from onefold.features.calendar import zone_arrays
from onefold.language.values import Value

PRAGUE = zone("Europe/Prague")
LOAN = Proposal("loan", "credit", "borrowing", Purpose.MARKETING, "banner", "web")
OTHER = Proposal("card", "credit", "paying", Purpose.MARKETING, "banner", "web")
OFFERS = {"loan": LOAN, "card": OTHER}
WEEK = Span(fixed=7 * DAY)


def shown(time: int, offer: str | None = "loan", channel: str | None = "web", **more: str) -> Contact:
    return Contact(Outcome.SHOWN, time, offer, more.get("treatment", "banner"), "home", channel)


def moment(
    now: int = NOON,
    *,
    exposures: Iterable[Contact] = (),
    contacts: Iterable[Contact] = (),
    preferences: Iterable[Preference] = (),
    row: Mapping[str, Value] | None = None,
    customer: Zone = UTC,
    home: Zone = UTC,
) -> Moment:
    seen, said = tuple(exposures), tuple(contacts)
    return Moment(now, customer, home, row or {}, home.day(now), seen, said, tuple(preferences), OFFERS)


def why(policy: Policy, at: Moment, proposal: Proposal = LOAN) -> str | None:
    """Return the objection in words, as the funnel asks for it."""
    if policy.subject(proposal) is None:
        return None
    objection = policy.objection(proposal, at)
    return None if objection is None else objection()


def may(policy: Policy, at: Moment, proposal: Proposal = LOAN) -> bool:
    """Whether a proposal may be said; the laws of every policy are checked on the way."""
    first = why(policy, at, proposal)
    assert why(policy, at, proposal) == first
    assert first != ""
    return first is None


# --- caps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "allowed"),
    [(NOON, False), (NOON - 7 * DAY, False), (NOON - 7 * DAY - 1, True), (NOON + 1, True)],
)
def test_a_cap_holds_both_ends_of_its_window(time: int, allowed: bool) -> None:
    assert may(Cap(1, WEEK), moment(exposures=[shown(time)])) is allowed


def test_a_cap_in_months_follows_the_calendar_of_the_workspace() -> None:
    cap = Cap(1, Span(months=1))
    seen = PRAGUE.parse("2026-02-28T10:00:00")
    last = PRAGUE.parse("2026-03-28T10:00:00")
    held = [may(cap, moment(now, exposures=[shown(seen)], home=PRAGUE)) for now in (last, last + 1)]
    assert held == [False, True]
    # in New York the clocks went forward in between: a month is an hour shorter there
    assert may(cap, moment(last, exposures=[shown(seen)], home=zone("America/New_York")))


def test_a_cap_counts_on_its_channels_and_speaks_of_them_only() -> None:
    cap = Cap(2, WEEK, ("web", "mobile"))
    seen = [shown(NOON - 3), shown(NOON - 2, channel="email"), shown(NOON - 1, channel=None)]
    assert may(cap, moment(exposures=seen))
    full = moment(exposures=[*seen, shown(NOON, channel="mobile")])
    assert not may(cap, full)
    assert may(cap, full, replace(LOAN, channel="email"))
    assert not may(Cap(4, WEEK), full)
    assert not may(Cap(4, WEEK), full, replace(LOAN, channel="email"))


def test_a_cap_leaves_exempt_purposes_alone_but_counts_what_they_said() -> None:
    cap = Cap(1, WEEK, exempt=frozenset({Purpose.SERVICE}))
    seen = moment(exposures=[shown(NOON)])
    assert may(cap, seen, replace(LOAN, purpose=Purpose.SERVICE))
    assert not may(cap, seen)


@pytest.mark.parametrize(
    ("per", "counted"),
    [("customer", 4), ("offer", 2), ("product", 3), ("topic", 2), ("treatment", 1)],
)
def test_what_a_cap_counts_by(per: str, counted: int) -> None:
    seen = [shown(1), shown(2, treatment="guide"), shown(3, "card"), shown(4, "retired")]
    at = moment(5, exposures=seen)
    assert not may(Cap(counted, WEEK, per=Per(per)), at)
    assert may(Cap(counted + 1, WEEK, per=Per(per)), at)


def test_a_cap_says_when_it_is_free_again() -> None:
    times = (NOON - 2 * HOUR, NOON - HOUR, NOON)
    full = moment(exposures=[shown(time) for time in times])
    text = why(Cap(3, Span(fixed=DAY), ("web", "mobile")), full)
    assert text == "3 of 3 on web, mobile within 1d; free again at 2026-05-05T10:00:00.000001Z"
    text = why(Cap(2, Span(fixed=DAY), per=Per.OFFER), full)
    assert text == "3 of 2 for the offer within 1d; free again at 2026-05-05T11:00:00.000001Z"
    lapsing = moment(exposures=[replace(shown(times[0]), until=NOON + 5), shown(NOON)])
    text = why(Cap(2, Span(fixed=DAY)), lapsing)
    assert text == "2 of 2 within 1d; free again at 2026-05-04T12:00:00.000006Z"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["web", "sms"]), st.sampled_from(["loan", "card"]))),
    st.integers(1, 4),
    st.integers(1, 30),
    st.sampled_from([(), ("web",), ("web", "sms")]),
    st.sampled_from(["customer", "offer", "product"]),
    st.integers(0, 60),
)
def test_a_cap_is_a_count_over_exposures_and_frees_when_it_says(
    said: list[tuple[int, str, str]], most: int, span: int, channels: tuple[str, ...], per: str, now: int
) -> None:
    exposures = [shown(time, offer, channel) for time, channel, offer in sorted(said)]
    cap = Cap(most, Span(fixed=span), channels, Per(per))

    def naive(at: int) -> bool:
        count = 0
        for one in exposures:
            inside = at - span <= one.time <= at
            heard = not channels or one.channel in channels
            same = {"customer": True, "offer": one.offer == "loan", "product": True}[per]
            count += inside and heard and same
        return count < most

    assert may(cap, moment(now, exposures=exposures)) is naive(now)
    if not naive(now):
        past = [one for one in exposures if one.time <= now]
        text = why(cap, moment(now, exposures=past))
        assert text is not None
        free = UTC.parse(text.rpartition(" at ")[2])
        assert may(cap, moment(free, exposures=past))
        assert not may(cap, moment(free - 1, exposures=past))


# --- spans --------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.integers(-(2**50), 2**52), st.integers(1, 30), st.sampled_from(["UTC", "Europe/Prague", "America/St_Johns"]))
def test_months_before_is_the_kernels(now: int, months: int, name: str) -> None:
    home = zone(name)
    arrays = zone_arrays(home)
    ours = before(home, now, Span(months=months))
    assert ours == kernel.months_before(now, months, arrays.starts, arrays.offsets, arrays.peaks)
    free = leaves(home, now, Span(months=months))
    assert before(home, free, Span(months=months)) > now >= before(home, free - 1, Span(months=months))


@settings(deadline=None)
@given(st.integers(0, 20 * HOUR), st.sampled_from([1, 2, 12]))
def test_months_before_around_changes_of_the_clock(after: int, months: int) -> None:
    arrays = zone_arrays(PRAGUE)
    for day in ("2025-10-25T20:00", "2026-03-28T20:00", "2026-04-28T20:00", "2025-11-25T20:00"):
        now = PRAGUE.parse(day) + after
        kernels = kernel.months_before(now, months, arrays.starts, arrays.offsets, arrays.peaks)
        assert before(PRAGUE, now, Span(months=months)) == kernels


# --- pauses -------------------------------------------------------------------------------------------------------


def rejected(time: int, offer: str = "loan", outcome: Outcome = Outcome.REJECTED) -> Contact:
    return Contact(outcome, time, offer, "banner", "home", "web")


PAUSE = Pause(Span(fixed=30 * DAY), "rejections", 3, Span(fixed=10 * DAY), Per.OFFER)


def test_a_pause_begins_with_its_event_and_ends_to_the_microsecond() -> None:
    events = [rejected(time) for time in (0, DAY, 10 * DAY)]
    begin, end = 10 * DAY, 40 * DAY
    held = {now: not may(PAUSE, moment(now, contacts=events)) for now in (begin - 1, begin, end - 1, end)}
    assert held == {begin - 1: False, begin: True, end - 1: True, end: False}
    text = why(PAUSE, moment(begin, contacts=events))
    assert text is not None
    assert text.endswith("paused until 1970-02-10T00:00:00Z")


@pytest.mark.parametrize(("first", "paused"), [(0, True), (-1, False)])
def test_the_events_of_a_pause_lie_in_one_window(first: int, paused: bool) -> None:
    events = [rejected(first), rejected(5), rejected(10 * DAY)]
    assert may(PAUSE, moment(10 * DAY, contacts=events)) is not paused


def test_a_pause_goes_on_after_newer_events_that_pause_no_longer() -> None:
    events = [rejected(time) for time in (0, 1, 2, 20 * DAY)]
    assert not may(PAUSE, moment(20 * DAY, contacts=events))
    assert may(PAUSE, moment(2 + 30 * DAY, contacts=events))


def test_a_pause_counts_its_outcome_and_its_key_only() -> None:
    events = [rejected(0), rejected(1, outcome=Outcome.CLICKED), rejected(2, "card"), rejected(3)]
    assert may(PAUSE, moment(4, contacts=events))
    assert not may(replace(PAUSE, per=Per.PRODUCT), moment(4, contacts=events))
    assert not may(replace(PAUSE, per=Per.CUSTOMER), moment(4, contacts=events), OTHER)
    assert not may(Pause(Span(fixed=5), "clicks", 1), moment(4, contacts=events), OTHER)
    assert not may(Pause(Span(fixed=5), "exposures", 2), moment(4, exposures=[shown(2), shown(3)]))


def test_a_pause_of_a_calendar_month() -> None:
    at = PRAGUE.parse("2026-01-31T10:00:00")
    pause = Pause(Span(months=1), "rejections", 1)
    end = PRAGUE.parse("2026-02-28T10:00:00")  # 28 February is the last day with a wall clock on 28 January
    free = leaves(PRAGUE, at - 1, Span(months=1))
    assert not may(pause, moment(free - 1, contacts=[rejected(at)], home=PRAGUE))
    assert may(pause, moment(free, contacts=[rejected(at)], home=PRAGUE))
    assert free > end


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 40), max_size=12),
    st.integers(1, 4),
    st.integers(1, 15),
    st.integers(1, 15),
    st.integers(0, 60),
)
def test_a_pause_is_what_its_definition_says(times: list[int], most: int, within: int, length: int, now: int) -> None:
    events = sorted(times)
    paused = any(
        time <= now < time + length and sum(time - within <= other <= time for other in events[: at + 1]) >= most
        for at, time in enumerate(events)
    )
    pause = Pause(Span(fixed=length), "rejections", most, Span(fixed=within), Per.OFFER)
    assert may(pause, moment(now, contacts=[rejected(time) for time in events])) is not paused


# --- quiet hours --------------------------------------------------------------------------------------------------

NIGHT = Quiet(21 * HOUR, 8 * HOUR, ("sms",))
SMS = replace(LOAN, channel="sms")


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [("20:59:59.999999", True), ("21:00", False), ("00:00", False), ("07:59:59.999999", False), ("08:00", True)],
)
def test_quiet_hours_are_the_customers_own(clock: str, allowed: bool) -> None:
    now = PRAGUE.parse(f"2026-07-01T{clock}")
    assert may(NIGHT, moment(now, customer=PRAGUE), SMS) is allowed
    assert may(NIGHT, moment(now, customer=PRAGUE), LOAN)


def test_quiet_hours_within_a_day_and_on_all_channels() -> None:
    noon = Quiet(12 * HOUR, 13 * HOUR)
    day = NOON - 12 * HOUR
    assert [may(noon, moment(day + at)) for at in (12 * HOUR - 1, 12 * HOUR, 13 * HOUR - 1, 13 * HOUR)] == [
        True,
        False,
        False,
        True,
    ]


def test_quiet_hours_hold_through_changes_of_the_clock() -> None:
    half_past = Quiet(2 * HOUR, 3 * HOUR)  # in Prague, 02:00 to 03:00 is skipped in March and comes twice in October
    march, october = UTC.parse("2026-03-29T00:59"), UTC.parse("2026-10-25T00:00")
    assert all(may(half_past, moment(march + minute * MINUTE, customer=PRAGUE)) for minute in range(3))
    quiet = [not may(half_past, moment(october + at * 30 * MINUTE, customer=PRAGUE)) for at in range(5)]
    assert quiet == [True, True, True, True, False]


# --- suppression and wishes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("complaints", "allowed"), [(0.0, True), (1.0, False), (None, False)])
def test_unknown_is_suppressed(bank: Bank, complaints: float | None, allowed: bool) -> None:
    policies = 'policies: {contact: [{suppress: "complaints > 0", except: [service]}]}'
    suppress = bank.read(policies=policies).contact[1]
    at = moment(row={"complaints": complaints})
    assert may(suppress, at) is allowed
    assert may(suppress, at, replace(LOAN, purpose=Purpose.SERVICE))


def test_a_suppression_may_ask_for_the_channel(bank: Bank) -> None:
    suppress = bank.read(policies="policies: {contact: [{suppress: \"context.channel = 'sms'\"}]}").contact[1]
    assert may(suppress, moment())
    assert not may(suppress, moment(), SMS)
    assert suppress.subject(SMS) != suppress.subject(LOAN)


WISHES = Preferences()


@pytest.mark.parametrize(
    ("stated", "allowed"),
    [
        ([], True),
        ([Preference(Wish.UNWANTED, 1, "borrowing")], False),
        ([Preference(Wish.UNWANTED, 1, "paying")], True),
        ([Preference(Wish.UNWANTED, 1)], False),
        ([Preference(Wish.UNWANTED, 1, "borrowing", "sms")], True),
        ([Preference(Wish.UNWANTED, 1, "borrowing", "web")], False),
        ([Preference(Wish.UNWANTED, 1, "borrowing"), Preference(Wish.WANTED, 2, "borrowing")], True),
        ([Preference(Wish.WANTED, 1, "borrowing"), Preference(Wish.UNWANTED, 1, "borrowing")], False),
        ([Preference(Wish.UNWANTED, NOON + 1, "borrowing")], True),
        ([Preference(Wish.WANTED, 1, "paying")], True),
        ([Preference(Wish.SNOOZED, 1, "borrowing")], False),
        ([Preference(Wish.SNOOZED, 1, "borrowing", until=NOON + 1)], False),
        ([Preference(Wish.SNOOZED, 1, "borrowing", until=NOON)], True),
    ],
)
def test_the_newest_wish_of_a_topic_rules(stated: list[Preference], allowed: bool) -> None:
    at = moment(preferences=stated)
    assert may(WISHES, at) is allowed
    assert may(WISHES, at, replace(LOAN, purpose=Purpose.SERVICE))


# --- reservations -------------------------------------------------------------------------------------------------

RESERVE = Span(fixed=30 * MINUTE)


def reserved(time: int, decision: str | None = "d1", offer: str = "loan") -> Contact:
    return Contact(Outcome.RESERVED, time, offer, "banner", "home", "web", decision)


@pytest.mark.parametrize(
    ("now", "count"), [(NOON - 1, 0), (NOON, 1), (NOON + 30 * MINUTE, 1), (NOON + 30 * MINUTE + 1, 0)]
)
def test_a_reservation_counts_from_its_time_until_it_lapses(now: int, count: int) -> None:
    assert len(exposures_of([reserved(NOON)], now=now, reserve=RESERVE)) == count


def test_what_was_shown_counts_in_place_of_its_reservation() -> None:
    said = [reserved(NOON), replace(shown(NOON + 5), decision="d1")]
    later = exposures_of(said, now=NOON + DAY, reserve=RESERVE)
    assert [(one.outcome, one.time) for one in later] == [(Outcome.SHOWN, NOON + 5)]
    assert [one.outcome for one in exposures_of(said, now=NOON + 4, reserve=RESERVE)] == [Outcome.RESERVED]
    assert [one.outcome for one in exposures_of(said, now=NOON + 5, reserve=RESERVE)] == [Outcome.SHOWN]


def test_what_was_shown_replaces_no_other_reservation() -> None:
    said = [reserved(NOON), reserved(NOON, "d2"), reserved(NOON, "d1", "card"), reserved(NOON, None)]
    said += [replace(shown(NOON), decision="d1"), shown(NOON), rejected(NOON)]
    found = exposures_of(said, now=NOON, reserve=RESERVE)
    assert [(one.outcome, one.decision, one.offer) for one in found] == [
        (Outcome.RESERVED, "d2", "loan"),
        (Outcome.RESERVED, "d1", "card"),
        (Outcome.RESERVED, None, "loan"),
        (Outcome.SHOWN, "d1", "loan"),
        (Outcome.SHOWN, None, "loan"),
    ]
