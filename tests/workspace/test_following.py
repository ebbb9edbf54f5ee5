"""The journal follows time by alarms: it says what the timelines say, however often it is asked, whatever is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from tests.acceptance.shop import Shop, identify, page, track

from onefold.core.instant import DAY, HOUR, format_instant, from_datetime
from onefold.workspace import alarms, following
from onefold.workspace.journal import Mark

EVENTS = """
events:
  login: {}
  paid: {amount: {type: money}}
  page_viewed: {path: {type: category}}
traits:
  birth_date: {type: date, sensitivity: protected}
"""
FEATURES = """
features:
  spend_3d: {sum: paid.amount, within: 3d}
  mean_5d:  {mean: paid.amount, within: 5d}
  views_2d: {count: page_viewed, where: "path LIKE '/mortgage%'", within: 2d}
  kinds_4d: {distinct: page_viewed.path, within: 4d}
  days_since_login: {since_last: login}
  paid_this_month: {count: paid, since: start of month}
  order:    {sequence: [login, page_viewed], within: 2d, after: 12h}
"""
SEGMENTS = """
segments:
  looking: {when: views_2d > 1 AND NOT spend_3d > 100}
  spender: {when: spend_3d > 5, purpose: marketing}
  asleep:  {when: days_since_login > 3.5 OR days_since_login IS NULL}
  grown:   {when: age >= 30 AND kinds_4d >= 2}
  payer:   {when: paid_this_month > 0 AND mean_5d < 40, hold: 30h}
  ready:   {when: "order AND in_segment('asleep') = FALSE"}
  first:   {when: in_segment('looking'), dimension: d}
  second:  {when: spend_3d > 20, dimension: d}
"""
START, END = "2026-05-01T00:00:00Z", "2026-05-20T00:00:00Z"


def instant(moment: str) -> int:
    """Return a moment in microseconds."""
    return from_datetime(datetime.fromisoformat(moment))


def messages(seed: int) -> list[dict[str, object]]:
    """Return the events of some customers in the days before START; some lie in the future."""
    random, found = Random(seed), []
    first = instant(START) - 8 * DAY
    for number in range(24):
        user = f"u{number}"
        born = f"1996-05-{1 + number % 28:02}"
        found.append(identify("2026-04-01T00:00:00Z", user, birth_date=born))
        ends = format_instant(first + random.randrange(8, 14) * DAY + random.randrange(24) * HOUR)
        found.append(track("consent_changed", "2026-04-01T00:00:00Z", user, purpose="marketing", status="granted",
                           source="web", expires=ends))  # fmt: skip
        for _ in range(random.randrange(14)):
            at = format_instant(first + random.randrange(10 * 24) * HOUR)
            kind = random.randrange(3)
            if kind == 0:
                found.append(track("login", at, user))
            elif kind == 1:
                found.append(track("paid", at, user, amount=random.randrange(10, 80)))
            else:
                found.append(page(random.choice(["/mortgage", "/mortgage/a", "/cards"]), at, user))
    return found


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Shop]:
    """A bank with the events of the past, and some of the future."""
    shop = Shop(
        tmp_path / "bank", {"events.yaml": EVENTS, "features/all.yaml": FEATURES, "segments/all.yaml": SEGMENTS}
    )
    shop.clock.set(START)
    shop.send(*messages(7))
    yield shop
    shop.bank.close()


def told(shop: Shop) -> list[tuple[str, ...]]:
    """Return what the journal says of the time after START."""
    found = shop.bank.segments.changes(START)
    instants = [instant(one.at) for one in found]
    assert instants == sorted(instants)
    return sorted(
        (one.at, one.customer, one.segment, one.change, one.cause) for one in found if one.cause != "backfill"
    )


def computed(shop: Shop) -> list[tuple[str, ...]]:
    """Return what the timelines say of it, customer by customer."""
    found = shop.bank.segments.changes(START, at=END)
    return sorted((one.at, one.customer, one.segment, one.change, one.cause) for one in found if one.at != START)


def test_alarms_tell_what_walking_everybody_tells(bank: Shop) -> None:
    bank.clock.set(END)
    expected = computed(bank)
    assert {cause for *_, cause in expected} == {"time", "consent", "event"}
    assert len(expected) > 60
    assert told(bank) == expected


@pytest.mark.parametrize("batch", [1, 3])
def test_asking_often_and_in_small_batches_tells_the_same(
    bank: Shop, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", batch)
    random, now = Random(batch), instant(START)
    while now < instant(END):
        now = min(now + random.randrange(1, 3 * DAY), instant(END))
        bank.clock.set(format_instant(now))
        told(bank)
    assert told(bank) == computed(bank)


@pytest.mark.parametrize("harm", ["gone", "torn", "of another moment"])
def test_lost_alarms_are_worked_out_anew(bank: Shop, harm: str) -> None:
    for day in ("2026-05-03", "2026-05-06", "2026-05-11"):
        bank.clock.set(f"{day}T07:30:00Z")
        told(bank)
        bank.bank.close()
        path = bank.folder / ".onefold" / "alarms"
        raw = path.read_bytes()
        if harm == "gone":
            path.unlink()
        elif harm == "torn":
            path.write_bytes(raw[: len(raw) * 2 // 3])
        else:
            alarms.save(path, {}, Mark(0, 0, "another"))
    bank.clock.set(END)
    assert told(bank) == computed(bank)


def test_a_crash_amid_a_wave_tells_nothing_twice_and_loses_nothing(bank: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    bank.clock.set(END)
    expected, fire = computed(bank), following.Following.fire

    def dying(self: following.Following, *given: object, **more: object) -> Iterator[object]:
        for number, one in enumerate(fire(self, *given, **more)):  # type: ignore[arg-type]
            if number == left[0]:
                raise KeyboardInterrupt
            yield one

    for after in (0, 1, 5, 20):
        left = [after]
        monkeypatch.setattr(following.Following, "fire", dying)
        with pytest.raises(KeyboardInterrupt):
            told(bank)
        bank.bank.close()
    monkeypatch.setattr(following.Following, "fire", fire)
    assert told(bank) == expected


@pytest.mark.parametrize("late", [False, True])
def test_events_that_come_in_between_are_told_with_time(bank: Shop, late: bool) -> None:
    bank.clock.set("2026-05-04T00:00:00Z")
    told(bank)
    bank.send(*(track("paid", "2026-05-04T00:00:00Z", f"u{number}", amount=70) for number in range(24)))
    if late:
        bank.send(track("paid", "2026-05-06T00:00:00Z", "u3", amount=90), track("login", "2026-05-05T00:00:00Z", "u4"))
    bank.clock.set(END)
    now = set[tuple[str, str]]()
    journal = bank.bank.segments.changes(None)
    for one in journal:
        change = now.add if one.change == "entered" else now.discard
        change((one.customer, one.segment))
    names = [one.name for one in bank.bank.segments.sizes(at=END)]
    assert now == {(who, name) for name in names for who in bank.bank.segments.members(name, at=END)}
    by_time = {(one.at, one.customer, one.segment, one.change) for one in journal if one.cause == "time"}
    assert by_time <= {one[:4] for one in computed(bank)} | {one for one in by_time if one[0] < "2026-05-04"}


def causes(shop: Shop, since: str) -> list[tuple[str, str, str, str]]:
    """Return what the journal says from an instant on."""
    return sorted((one.customer, one.segment, one.change, one.cause) for one in shop.bank.segments.changes(since))


def test_merges_and_splits_have_their_causes_and_are_told_when_they_are_known(bank: Shop) -> None:
    def link(event: str) -> dict[str, object]:
        return {"type": "track", "event": event, "properties": {"identifier": "account:9"}}

    bank.write("placements.yaml", "placements: {home: {channel: web}}\n")
    bank.bank.apply()
    paid = [track("paid", f"2026-04-30T1{hour}:00:00Z", "account:9", amount=90) for hour in range(2)]
    bank.send(*paid, track("login", START, "account:9"), identify(START, "ida", birth_date="1970-01-01"))
    first = "2026-05-01T06:00:00Z"
    bank.clock.set(first)
    bank.bank.decide("ida", "home", events=[link("identity_linked")])
    merged = [one for one in causes(bank, first) if one[0] in ("user:ida", "account:9")]
    assert ("user:ida", "second", "entered", "merge") in merged
    assert ("account:9", "second", "left", "merge") in merged
    second = "2026-05-01T07:00:00Z"
    bank.clock.set(second)
    bank.bank.decide("ida", "home", events=[link("identity_unlinked")])
    parted = [one for one in causes(bank, second) if one[0] in ("user:ida", "account:9")]
    assert ("user:ida", "second", "left", "split") in parted
    assert ("account:9", "second", "entered", "split") in parted


def test_a_load_of_history_writes_no_history(bank: Shop) -> None:
    told(bank)
    bank.clock.set("2026-05-03T12:00:00Z")
    past = [track("paid", f"2026-05-02T1{hour}:00:00Z", "hal", amount=30) for hour in range(3)]
    assert bank.send(*past, history=True).rejected == 0
    mine = [one for one in bank.bank.segments.changes(None) if one.customer == "user:hal"]
    assert {(one.cause, one.at) for one in mine} == {("backfill", "2026-05-03T12:00:00Z")}
