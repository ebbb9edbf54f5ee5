"""``calendar:`` in onefold.yaml: what it may say, what is refused, and rules over it from loading to verifying."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.acceptance.shop import ONEFOLD, Shop, identify, track

from onefold.core.calendar import Calendar, Dated, MonthDay, Period, Yearly
from onefold.core.document import read_yaml
from onefold.core.errors import UserError
from onefold.core.instant import days_of
from onefold.workspace.calendar import MAX_PERIODS, MAX_STRETCHES, read_calendar
from onefold.workspace.files import digest_of

CALENDAR = """
calendar:
  holidays: CZ
  periods:
    summer: {from: 07-01, to: 08-31}
    winter: {from: 12-01, to: 02-28}
    black_friday: [{from: 2026-11-27, to: 2026-11-30}]
"""
SEGMENTS = """
segments:
  travel_time: {when: days_to('summer') <= 28 AND purchases > 0}
  birthday:    {when: "anniversary_within(birth_date, 7)", hold: 24h}
  closed:      {when: holiday()}
"""


def read(text: str) -> tuple[Calendar, list[str]]:
    section = read_yaml(text, "onefold.yaml")
    return read_calendar(section), [str(one) for one in section.problems.found]


def test_everything_that_can_be_said() -> None:
    found, problems = read(CALENDAR)
    assert problems == []
    assert found.region == "CZ"
    winter = Yearly(MonthDay(12, 1), MonthDay(2, 28))
    friday = Dated(days_of(date(2026, 11, 27)), days_of(date(2026, 11, 30)))
    assert list(found.periods) == ["summer", "winter", "black_friday"]
    assert found.periods["winter"] == Period("winter", (winter,))
    assert found.periods["black_friday"] == Period("black_friday", (friday,))
    assert read("calendar: {holidays: DE-BY}") == (Calendar("DE-BY"), [])
    assert read("name: x") == read("calendar: {}") == (Calendar(), [])


@pytest.mark.parametrize(
    ("calendar", "problem"),
    [
        ("{holidays: XX}", "1:22: `holidays`: no holidays are known of 'XX'"),
        ("{holidays: cz}", "Did you mean CZ?"),
        ("{holidays: DE-XX}", "Write DE alone."),
        ("{holidays: DE-by}", "Did you mean DE-BY?"),
        ("{holidays: DE-}", "Write DE alone."),
        ("{holidays: [CZ]}", "a list or mapping stands here"),
        ("{holiday: CZ}", "no such key belongs here"),
        ("{periods: 3}", "a mapping belongs here"),
        ("{periods: {Summer: {from: 07-01, to: 08-31}}}", "its name is not snake case"),
        ("{periods: {summer: }}", "`summer`: it is empty"),
        ("{periods: {summer: []}}", "`summer`: it is empty"),
        ("{periods: {summer: 07-01}}", "an item of `summer`: a mapping belongs here"),
        ("{periods: {summer: {from: 07-01}}}", "`to`: it is missing"),
        ("{periods: {summer: {from: , to: 08-31}}}", "`from`: it is empty"),
        ("{periods: {summer: {from: [1], to: 08-31}}}", "`from`: this is a text"),
        ("{periods: {summer: {from: 07-01, to: 08-31, until: 3}}}", "`until`: no such key"),
        ("{periods: {summer: {from: 07-01, to: 08-32}}}", "`to`: '08-32' is no day"),
        ("{periods: {summer: {from: 02-30, to: 08-31}}}", "`from`: '02-30' is no day"),
        ("{periods: {summer: {from: 7-1, to: 08-31}}}", "`from`: '7-1' is no day"),
        ("{periods: {summer: {from: 07-01, to: 2026-08-31}}}", "of every year, and the other of one year"),
        ("{periods: {summer: {from: 2026-07-02, to: 2026-07-01}}}", "2026-07-01 is before 2026-07-02"),
    ],
)
def test_what_is_refused(calendar: str, problem: str) -> None:
    found, problems = read(f"calendar: {calendar}")
    assert len(problems) == 1, problems
    assert problem in problems[0]
    assert problems[0].startswith("onefold.yaml:1:")
    assert found == Calendar()


def test_all_problems_at_once_and_what_is_sound_is_kept() -> None:
    found, problems = read(
        "calendar: {holidays: Q, periods: {a: {from: 13-01, to: 02-30}, b: {from: 01-01, to: 01-02}, C: 3}}"
    )
    assert len(problems) == 5
    assert (found.region, list(found.periods)) == (None, ["b"])


def test_sizes_are_bounded() -> None:
    one = "{from: 01-01, to: 01-02}"
    many = ", ".join(f"p{at}: {one}" for at in range(MAX_PERIODS + 1))
    assert "more than 200 periods" in read(f"calendar: {{periods: {{{many}}}}}")[1][0]
    long = ", ".join([one] * (MAX_STRETCHES + 1))
    assert "more than 50 stretches" in read(f"calendar: {{periods: {{p: [{long}]}}}}")[1][0]


def test_the_release_of_the_holidays_is_part_of_the_hash_where_a_bank_keeps_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {"onefold.yaml": ONEFOLD + CALENDAR}
    others = ({"onefold.yaml": ONEFOLD}, {"onefold.yaml": ONEFOLD + "# no holidays\n"}, {"onefold.yaml": "holidays: ["})
    before, unmoved = digest_of(kept), [digest_of(one) for one in others]
    monkeypatch.setattr("onefold.core.holiday.release", lambda: "0.1")
    assert digest_of(kept) != before
    assert [digest_of(one) for one in others] == unmoved


@pytest.fixture
def bank(tmp_path: Path) -> Shop:
    files = {"onefold.yaml": ONEFOLD.replace("UTC", "Europe/Prague") + CALENDAR, "segments/all.yaml": SEGMENTS}
    return Shop(tmp_path / "bank", files)


def test_the_journal_and_the_proof(bank: Shop) -> None:
    bank.clock.set("2026-05-20T12:00:00Z")
    bank.send(
        track("card_purchase", "2026-05-04T09:00:00Z", amount=12, category="travel"),
        identify("2026-05-04T09:00:00Z", birth_date="2000-06-10"),
    )
    assert bank.bank.segments.changes("2026-05-20T12:00:01Z") == []
    bank.clock.set("2026-06-12T12:00:00Z")
    told = [(one.segment, one.change, one.cause, one.at) for one in bank.bank.segments.changes("2026-05-20T12:00:01Z")]
    assert told == [
        ("birthday", "entered", "time", "2026-06-02T22:00:00Z"),
        ("travel_time", "entered", "time", "2026-06-02T22:00:00Z"),
        ("birthday", "left", "time", "2026-06-11T22:00:00Z"),
    ]
    for at in ("2026-06-02T21:59:59.999999Z", "2026-06-02T22:00:00Z", "2026-07-05T22:00:00Z", "2027-02-10"):
        found = bank.bank.verify(at=at)
        assert found.mismatches == 0, at
    assert bank.bank.genome("u1", at="2026-07-06").segments == ("closed", "travel_time")


def test_previews_and_what_is_refused(bank: Shop) -> None:
    bank.send(track("card_purchase", "2026-05-04T09:00:00Z", amount=12, category="travel"))
    found = bank.bank.segments.preview("days_to('winter') = 0 AND purchases > 0", at="2027-01-31")
    assert (found.count, found.population) == (1, 1)
    with pytest.raises(UserError, match="Did you mean `winter`"):
        bank.bank.segments.preview("days_to('wintr') = 0 AND purchases > 0")
    bank.write("onefold.yaml", ONEFOLD)
    with pytest.raises(UserError) as caught:
        bank.bank.apply()
    assert [str(one.place).split(":")[0] for one in caught.value.problems] == ["segments/all.yaml"] * 2
    assert "calendar: {periods" in str(caught.value)
    assert "calendar: {holidays: CZ}" in str(caught.value)


def test_a_period_that_is_moved_changes_the_segment(bank: Shop) -> None:
    bank.send(track("card_purchase", "2026-05-04T09:00:00Z", amount=12, category="travel"))
    bank.write("onefold.yaml", (bank.folder / "onefold.yaml").read_text().replace("07-01", "06-10"))
    plan = bank.bank.plan(at="2026-06-01")
    assert plan.changes["segments"] == {"changed": ["travel_time"]}
    assert [(one.name, one.before, one.after) for one in plan.segments if one.change == "changed"] == [
        ("travel_time", 0, 1)
    ]


def test_features_ask_the_calendar(bank: Shop) -> None:
    season = """
features:
  to_summer: {expr: days_to('summer')}
  treat:     {expr: "holiday() OR anniversary_within(birth_date, 0)"}
"""
    bank.write("features/season.yaml", season)
    bank.send(identify("2026-05-04T09:00:00Z", birth_date="2000-06-10"))
    genome = bank.bank.genome("u1", at="2026-06-09T12:00:00Z")
    assert (genome.features["to_summer"], genome.features["treat"]) == (22.0, False)
    assert genome.next_change == "2026-06-09T22:00:00Z"
    assert bank.features("u1", at="2026-06-10")["treat"] is True
    assert bank.bank.verify(at="2026-06-10").mismatches == 0


OFFERS = """
offers:
  sun_cream:
    product: insurance
    purpose: service
    value: "CASE WHEN holiday() THEN 2 ELSE 1 END"
    eligible: "days_to('summer') <= 28"
    applicable: >-
      context.page LIKE '/travel%' OR context.weather = 'sunny' AND days_to('winter') > 0
      OR anniversary_within(birth_date, 0)
    treatments: {banner: {kind: ad, channels: [web]}}
"""
PLACEMENTS = "placements: {hero: {channel: web, limit: 1, default: none, confirms: true}}\n"


def test_offers_ask_the_calendar_beside_the_moment(tmp_path: Path) -> None:
    files = {"onefold.yaml": ONEFOLD + CALENDAR, "offers/all.yaml": OFFERS, "placements.yaml": PLACEMENTS}
    shop = Shop(tmp_path / "bank", files)
    shop.send(identify("2026-05-04T09:00:00Z", birth_date="2000-06-10"))

    def shown(at: str, **context: str) -> list[tuple[str, float]]:
        answer = shop.bank.decide("u1", "hero", at=at, context=context, dry_run=True)
        return [(item.offer, item.score) for item in answer.placements["hero"].items]

    assert shown("2026-06-02", page="/travel/x") == []
    assert shown("2026-06-03", page="/travel/x") == [("sun_cream", 1.0)]
    assert shown("2026-06-03", page="/home") == []
    assert shown("2026-06-03", page="/home", weather="sunny") == [("sun_cream", 1.0)]
    assert shown("2026-06-10", page="/home") == [("sun_cream", 1.0)]
    assert shown("2026-07-05", page="/travel/x") == [("sun_cream", 2.0)]  # the day of Cyril and Methodius
    shop.bank.close()
