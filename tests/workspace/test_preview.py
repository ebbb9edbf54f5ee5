"""Previews off kept columns say what previews off the timelines say, whatever came in between."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.acceptance.shop import Shop, identify, page, track

from onefold.core.instant import to_datetime
from onefold.workspace.columns import Cancelled
from onefold.workspace.preview import Preview

MORE = """
features:
  spend_7d:      {sum: card_purchase.amount, within: 7d}
  mean_spend:    {mean: card_purchase.amount}
  this_month:    {count: page_viewed, since: start of month}
  first_login:   {since_first: login}
  kind:          {last: card_purchase.category}
  travel_share:  {share: card_purchase, where: "category = 'travel'", within: 30d}
  trend:         {expr: "spend_7d / NULLIF(spend, 0)"}
  lapsed:        {expr: "days_since_login > 3"}
  spend_rank:    {percentile_of: spend}
  to_expiry:     {until: consent_changed.expires}
"""
SEGMENTS = """
segments:
  spender:  {when: spend_7d > 50}
  early:    {when: "spend_7d > 10", dimension: money}
  late:     {when: "spend > 10", dimension: money}
  reached:  {when: "spend > 0", purpose: marketing}
  quiet:    {when: days_since_login > 2}
  recent:   {when: "spend_7d > 30", hold: 48h}
  after:    {when: "in_segment('recent') AND NOT in_segment('quiet')"}
  lapsing:  {when: "spend_7d > 20 AND days_since_login > 1", hold: 24h}
  two_days: {when: "days_since_login BETWEEN 2 AND 2.05 AND spend > 0", hold: 24h}
  aged:     {when: "age >= 36 AND spend_7d > 0 OR region = 'Praha'", hold: 7d}
"""
PREDICATES = [
    "spend_7d > 20",
    "days_since_login > 3",
    "lapsed",
    "age >= 36",
    "kind LIKE 'tr%' OR region = 'Praha'",
    "birth_date < CURRENT_DATE",
    "travel_share > 0.4 OR trend > 0.5",
    "in_segment('late') OR in_segment('reached')",
    "in_segment('after')",
    "in_segment('two_days') OR in_segment('lapsing') OR in_segment('aged')",
    "first_login > days_since_login",
    "to_expiry < 2",
    "spend_rank > 0.5",
    "this_month > 0 OR mean_spend > 15",
]


def make(folder: Path, **files: str) -> Shop:
    texts = {"features/more.yaml": MORE, "segments/all.yaml": SEGMENTS}
    shop = Shop(folder / "shop", {**texts, **files})
    shop.bank.apply()
    return shop


def told(preview: Preview) -> Preview:
    """What must not depend on the way to it."""
    return replace(preview, ms=0.0, age_seconds=0.0, cached=False)


def agree(shop: Shop, when: str) -> Preview:
    """Ask both ways, compare, and compare the count with the members of a segment of that predicate."""
    found = shop.bank.segments.preview(when)
    slow = shop.bank.segments.preview(when, at=to_datetime(shop.clock()))
    assert not slow.cached
    assert slow.age_seconds == 0
    assert told(found) == told(slow)
    return found


def moment(now: int, hours: float) -> str:
    return (to_datetime(now) + timedelta(hours=hours)).isoformat()


HOURS = st.one_of(st.sampled_from([0, -1, 1, 12, -24, 48, 72, -145, -167, -168, -169]), st.integers(-2000, 300))
USERS = st.sampled_from(["u1", "u2", "u3", "u4", "u5", "u6"])
ANON = st.sampled_from(["a1", "a2", "a3"])


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A kind of message and what it says; times are hours from the clock's."""
    kind = draw(st.sampled_from("buy buy buy login page visit link birth region consent retract".split()))
    more: dict[str, Any] = {"user": draw(USERS), "hours": draw(HOURS), "anon": draw(ANON)}
    more["amount"] = draw(st.integers(1, 60))
    more["text"] = draw(st.sampled_from(["travel", "food", "train"]))
    return kind, more


def message(now: int, kind: str, sent: list[str], *, user: str, hours: float, anon: str, amount: int, text: str) -> Any:
    when = moment(now, hours)
    match kind:
        case "buy":
            sent.append(f"buy-{len(sent)}")
            return track("card_purchase", when, user, amount=amount, category=text, id=sent[-1])
        case "login":
            return track("login", when, user)
        case "page":
            return page(f"/{text}", when, user)
        case "visit":
            return track("card_purchase", when, None, anon=anon, amount=amount, category=text)
        case "link":
            return identify(when, user, anon=anon)
        case "birth":
            year, day = 1990, to_datetime(now) + timedelta(days=amount % 3)
            return identify(when, user, birth_date=f"{year}-{day:%m-%d}" if day.day < 29 else "1990-01-01")
        case "region":
            return identify(when, user, region="Praha" if amount % 2 else None)
        case "consent":
            given = {"purpose": "marketing", "status": "granted", "source": "web", "expires": moment(now, amount)}
            return track("consent_changed", when, user, **given)
        case _:
            return track("event_retracted", when, user, message_id=sent[amount % len(sent)] if sent else "none")


STEPS = st.lists(
    st.tuples(st.lists(messages(), max_size=6), st.sampled_from([0, 0.001, 1, 5, 23, 24, 70, 800])),
    min_size=2,
    max_size=5,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, which=st.lists(st.sampled_from(PREDICATES), min_size=2, max_size=4))
def test_kept_columns_say_what_timelines_say(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any], which: list[str]
) -> None:
    shop, sent = make(tmp_path_factory.mktemp("bank")), list[str]()
    for batch, hours in steps:
        lines = [message(shop.clock(), kind, sent, **more) for kind, more in batch]
        if lines:
            shop.send(*lines)
        shop.clock.now += int(hours * 3_600_000_000)
        for when in which:
            agree(shop, when)
    shop.bank.close()


@pytest.fixture
def bank(tmp_path: Path) -> Shop:
    shop = make(tmp_path)
    shop.send(*(track("card_purchase", "2026-05-28", f"u{at}", amount=at) for at in range(1, 31)))
    return shop


def test_every_predicate_of_the_property_is_asked(bank: Shop) -> None:
    for when in PREDICATES:
        agree(bank, when)


def test_the_keys(bank: Shop) -> None:
    first = bank.bank.segments.preview("spend >= 11")
    assert (first.count, first.population, first.cached, first.age_seconds) == (20, 30, False, 0)
    bank.clock.now += 90_000_000
    found = bank.bank.segments.preview("spend >= 11")
    assert found.as_of == "2026-06-01T12:01:30Z"
    assert (found.count, found.population, found.share) == (20, 30, 20 / 30)
    assert (found.cached, found.age_seconds, found.change) == (True, 90.0, 0)
    assert found.overlap == {"early": 20}
    assert agree(bank, "spend > 29").overlap == {"early": 1}
    bank.send(*(track("card_purchase", "2026-05-29", f"u{at}", amount=40) for at in range(1, 8)))
    assert agree(bank, "spend > 29").overlap == {"early": 8, "recent": 7, "after": 7}
    assert len(found.sample) == 10


def test_the_change_is_since_the_day_before(bank: Shop) -> None:
    bank.send(track("card_purchase", "2026-05-31T12:00:00.000001Z", "u1", amount=500))
    assert agree(bank, "spend > 100").change == 1
    bank.clock.now += 1
    assert agree(bank, "spend > 100").change == 0
    assert agree(bank, "spend < 100").change == 0
    bank.clock.set("2026-06-04T01:00:00Z")
    assert agree(bank, "spend_7d = 0").change == 29  # everybody but one bought eight days ago


def test_the_count_is_the_length_of_the_list(bank: Shop) -> None:
    bank.clock.now += 1
    for name, text in (("spender", "spend_7d > 50"), ("quiet", "days_since_login > 2"), ("late", "in_segment('late')")):
        bank.send(track("login", "2026-05-30", f"u{len(name)}"))
        assert agree(bank, text).count == len(bank.bank.segments.members(name))


def test_durations_are_right_to_the_microsecond(bank: Shop) -> None:
    bank.send(track("login", "2026-05-31T12:00:00Z", "u1"))
    bank.clock.set("2026-06-02T09:00:00Z")
    assert agree(bank, "days_since_login > 3").count == 0
    bank.clock.set("2026-06-03T12:00:00Z")
    assert agree(bank, "days_since_login > 3").count == 0
    bank.clock.now += 1
    found = agree(bank, "days_since_login > 3")
    assert (found.count, found.change, found.cached) == (1, 1, True)


def test_a_hold_is_told_by_columns_and_a_few_timelines(bank: Shop) -> None:
    now = bank.clock()
    bank.send(*(track("card_purchase", moment(now, -167), f"u{at}", amount=40) for at in range(1, 6)))
    bank.send(*(track("login", moment(now, -30), f"u{at}") for at in range(1, 4)))
    bank.send(track("login", moment(now, -40), "u6"))
    bank.send(*(identify(moment(now, -9), f"u{at}", birth_date="1990-06-03") for at in range(1, 8)))
    asked = [
        "in_segment('recent')",
        "in_segment('lapsing')",
        "in_segment('aged')",
        "in_segment('two_days')",
        "spend >= 0",
    ]
    counts = []
    for hours in (0, 1, 1.1, 20, 24, 25, 48, 49, 49.1, 60, 96, 200, 260):
        bank.clock.now = now + int(hours * 3_600_000_000)
        counts.append([agree(bank, when).count for when in asked])
    assert [row[0] for row in counts] == [5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 0]
    assert [row[1] for row in counts] == [3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0]
    assert [row[2] for row in counts] == [0, 0, 0, 0, 0, 0, 7, 7, 7, 7, 7, 7, 0]
    assert [row[3] for row in counts] == [0, 0, 0, 4, 4, 4, 0, 0, 0, 0, 0, 0, 0]


def test_a_customer_who_was_not_there_and_one_who_is_someone_else_now(bank: Shop) -> None:
    agree(bank, "spend > 0")
    bank.send(track("card_purchase", "2026-05-28", "new", amount=3), track("login", "2027-01-01", "coming"))
    bank.send(track("card_purchase", "2026-05-28", "acct:1", amount=3))
    found = agree(bank, "spend > 0")
    assert (found.count, found.population, found.cached) == (32, 32, True)
    bank.send(track("identity_linked", "2026-05-28", "u1", identifier="acct:1"))
    found = agree(bank, "spend > 0")
    assert (found.count, found.population, found.cached) == (31, 31, True)
    bank.clock.set("2027-01-01T00:00:00Z")
    assert agree(bank, "spend > 0").population == 32


def test_retention_ends_a_customer(tmp_path: Path) -> None:
    retention = "retention: {card_purchase: 10d, login: 12mo, course_clicked: 5d}\n"
    root = f"name: Shop\ntime_zone: Europe/Prague\ncurrency: EUR\n{retention}"
    shop = make(tmp_path, **{"onefold.yaml": root})
    shop.send(track("card_purchase", "2026-05-30T00:00:00Z", "u1", amount=3), track("login", "2026-05-30", "u2"))
    assert agree(shop, "spend >= 0").population == 2
    shop.send(track("course_clicked", "2026-05-30T00:00:00Z", "u3", title="x"))  # which no feature reads
    assert agree(shop, "spend >= 0").population == 3
    shop.clock.set("2026-06-04T00:00:00Z")
    assert agree(shop, "spend >= 0").population == 3
    shop.clock.now += 1
    found = agree(shop, "spend >= 0")
    assert (found.population, found.cached) == (2, True)
    shop.clock.set("2026-06-09T00:00:00Z")
    assert agree(shop, "spend >= 0").population == 2
    shop.clock.now += 1
    found = agree(shop, "spend >= 0")
    assert (found.population, found.cached) == (1, True)
    shop.clock.set("2027-06-09T00:00:00Z")
    assert agree(shop, "spend >= 0").population == 0


def test_a_publication_makes_other_columns(bank: Shop) -> None:
    assert agree(bank, "spend > 10").count == 20
    bank.write("features/more.yaml", MORE.replace("within: 7d", "within: 2d"))
    assert bank.bank.segments.preview("spend_7d > 0", draft=True).count == 0
    assert agree(bank, "spend_7d > 0").count == 30
    bank.bank.apply()
    found = bank.bank.segments.preview("spend_7d > 0")
    assert (found.count, found.cached) == (0, False)


def test_asked_of_the_past_nothing_is_kept(bank: Shop) -> None:
    for stated in ({"at": "2026-05-29"}, {"known": "2026-05-29"}, {"visitors": True}, {"draft": True}):
        found = bank.bank.segments.preview("spend > 10", **stated)
        assert not found.cached
        assert not list((bank.folder / ".onefold" / "columns").glob("genomes-*"))


def test_a_clock_that_went_back_is_answered_from_the_timelines(bank: Shop) -> None:
    agree(bank, "spend > 10")
    bank.clock.now -= 3_600_000_000
    assert not agree(bank, "spend > 10").cached
    bank.clock.now += 3_600_000_001
    assert agree(bank, "spend > 10").cached


def harm(path: Path, how: str) -> None:
    raw = bytearray(path.read_bytes())
    if how == "cut":
        raw = raw[:-100]
    elif how == "gone":
        path.unlink()
        return
    elif how == "head":
        raw[30] ^= 1
    elif how == "none":
        raw = bytearray()
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize("how", ["cut", "gone", "head", "none"])
def test_a_file_that_cannot_be_believed_is_made_anew(bank: Shop, how: str) -> None:
    agree(bank, "spend > 10")
    bank.bank.close()
    harm(bank.folder / ".onefold" / "columns" / "genomes-present", how)
    found = agree(bank, "spend > 10")
    assert (found.count, found.cached) == (20, False)
    assert agree(bank, "spend > 10").cached


def test_a_newer_format_another_boot_or_a_torn_update_is_made_anew(bank: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "onefold.adapters.files.column_head"
    agree(bank, "spend > 10")
    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.boot_id", lambda: "another")
        assert not agree(bank, "spend > 10").cached
    assert not agree(bank, "spend > 10").cached
    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.FORMAT", 2)
        assert not agree(bank, "spend > 10").cached
    assert not agree(bank, "spend > 10").cached
    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.boot_id", lambda: "")  # a system that does not say: nothing is ever believed
        assert agree(bank, "spend > 10").count == 20

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    agree(bank, "spend > 10")
    bank.send(track("card_purchase", "2026-05-28", "u1", amount=100))
    with monkeypatch.context() as patch:
        patch.setattr("onefold.adapters.files.columns.GenomeFile._put", dies)
        with pytest.raises(KeyboardInterrupt):
            bank.bank.segments.preview("spend > 10")
    found = agree(bank, "spend > 10")
    assert (found.count, found.cached) == (21, False)


def test_ctrl_c_and_whoever_takes_the_question_back_leave_nothing_torn(bank: Shop) -> None:
    folder = bank.folder / ".onefold" / "columns"

    def interrupt(what: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bank.bank.segments.preview("spend > 10", progress=interrupt)
    assert not [one.name for one in folder.glob("*genomes-*") if one.suffix != ".lock"]
    with pytest.raises(Cancelled):
        bank.bank.segments.preview("spend > 10", cancelled=lambda: True)
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        bank.bank.segments.preview("spend > 10", cancelled=lambda: next(asked))
    assert agree(bank, "spend > 10").count == 20
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        bank.bank.segments.preview("spend > 10", cancelled=lambda: next(asked))
    with pytest.raises(Cancelled):
        bank.bank.segments.preview("spend > 10", at="2026-05-30", cancelled=iter([False, True]).__next__)
    assert agree(bank, "spend > 10").cached


def test_where_another_process_has_the_columns_the_timelines_answer(
    bank: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onefold.adapters.files.columns import column_lock

    agree(bank, "spend > 10")
    monkeypatch.setattr("onefold.workspace.columns.WAIT", 0.0)
    path = bank.folder / ".onefold" / "columns" / "genomes-present"
    with column_lock(path, wait=0, give_up=lambda: None) as mine:
        assert mine
        found = agree(bank, "spend > 10")
        assert (found.count, found.cached) == (20, False)
    assert agree(bank, "spend > 10").cached


ASKS = """
import json, sys
import onefold
from pathlib import Path
found = []
for _ in range(12):
    with onefold.open(sys.argv[1]) as bank:
        found.append(bank.segments.preview("spend > 10").count)
    if sys.argv[2] == "removes":
        (Path(sys.argv[1]) / ".onefold/columns/genomes-present").unlink(missing_ok=True)
print(json.dumps(found))
"""


def test_two_processes_at_once(bank: Shop) -> None:
    bank.bank.close()
    both = [
        subprocess.Popen([sys.executable, "-c", ASKS, str(bank.folder), what], stdout=subprocess.PIPE, text=True)
        for what in ("asks", "removes")
    ]
    for one in both:
        said, _ = one.communicate(timeout=300)
        assert json.loads(said) == [20] * 12


def test_where_no_file_can_be_written_the_timelines_answer(bank: Shop) -> None:
    folder = bank.folder / ".onefold" / "columns"
    shutil.rmtree(folder)
    folder.write_text("in the way")
    found = agree(bank, "spend > 10")
    assert (found.count, found.cached) == (20, False)


def test_many_changes_are_read_anew(bank: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onefold.workspace.columns.FEW", 3)
    agree(bank, "spend > 10")
    bank.send(*(track("card_purchase", "2026-05-28", f"u{at}", amount=100) for at in range(1, 20)))
    found = agree(bank, "spend > 10")
    assert (found.count, found.cached) == (30, False)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_blocks_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("onefold.adapters.files.columns.BLOCK", size * 8)
    monkeypatch.setattr("onefold.workspace.columns.PEOPLE_A_READ", 2)
    shop = make(tmp_path)
    for round_ in range(4):
        users = [f"u{round_}-{at}" for at in range(11)]
        shop.send(*(track("card_purchase", "2026-05-28", user, amount=9) for user in users), track("login", user="x"))
        shop.clock.now += 1
        assert agree(shop, "spend > 3").count == 11 * (round_ + 1)
