"""The hard promises of decisions: counted exactly, answered once, made again to the byte, and traceless when dry."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.acceptance.command import Onefold
from tests.acceptance.shop import Shop, identify, page, track

from onefold.core.errors import UserError
from onefold.decisions.answer import Answer, encode
from onefold.workspace.bank import Bank
from onefold.workspace.deciding import Replayed

EVENTS = """
events:
  login: {}
  page_viewed: {path: {type: category}}
traits:
  region: {type: category}
"""
FEATURES = """
features:
  logins:   {count: login}
  views_7d: {count: page_viewed, where: "path LIKE '/loan%'", within: 7d}
"""
OFFERS = """
offers:
  loan:
    {product: loan, purpose: marketing, value: 50, propensity: "CASE WHEN views_7d > 1 THEN 0.5 ELSE 0.1 END",
     treatments: {banner: {kind: ad, channels: [web, mobile]}}}
  savings: {product: savings, purpose: marketing, value: 4, treatments: {note: {kind: article, channels: [web]}}}
  app:
    {product: app, purpose: marketing, value: 3, eligible: logins > 0, treatments: {tip: {kind: tool, channels: [web]}}}
"""
PLACEMENTS = """
placements:
  hero:  {channel: web, default: welcome, confirms: true}
  flash: {channel: web, default: nothing}
"""
POLICIES = """
policies:
  contact:
    - {cap: 2, per: customer, within: 1d}
    - {pause: 30d, after: {rejections: 2, within: 7d}, per: offer}
  reserve: 30m
"""
FILES = {
    "events.yaml": EVENTS, "features/all.yaml": FEATURES, "offers/all.yaml": OFFERS, "placements.yaml": PLACEMENTS,
    "policies.yaml": POLICIES,
}  # fmt: skip
START = datetime(2026, 5, 4, 9, tzinfo=UTC)
SECOND, MINUTE, DAY, TICK = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1), timedelta(microseconds=1)


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def consent(user: str | None = "u1", at: str = "2026-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    return track("consent_changed", at, user, **{"purpose": "marketing", "status": "granted", **more})


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Shop]:
    """A bank of three offers, two of which a customer may see in a day; u1 agreed. The clock stands at START."""
    shop = opened(tmp_path / "bank")
    yield shop
    shop.bank.close()


def opened(folder: Path, **files: str) -> Shop:
    shop = Shop(folder, {**FILES, **files})
    shop.clock.set(iso(START - DAY))
    shop.send(consent())
    shop.clock.set(iso(START))
    return shop


def shown(answer: Answer) -> list[str]:
    """Return the offers of an answer."""
    return [item.offer for placement in answer.placements.values() for item in placement.items]


def free(shop: Shop, at: datetime) -> int:
    """Return how many more offers the cap of two lets a customer see at a moment."""
    return len(shown(shop.bank.decide("u1", ["hero", "flash"], at=at, dry_run=True)))


def forget(shop: Shop) -> None:
    """Delete the decision store: the log must do."""
    shop.bank.close()
    found = list((shop.folder / ".onefold").glob("decisions.db*"))
    assert found
    for path in found:
        path.unlink()


# A repeat of a request


def test_a_repeat_gets_the_first_answer_and_counts_once(bank: Shop, onefold: Onefold) -> None:
    first = bank.bank.decide("u1", "hero", message_id="m-1", context={"page": "/a"})
    assert shown(first) == ["loan"]
    raw = encode(first)

    def again(**about: Any) -> bytes:
        return encode(bank.bank.decide("u1", "hero", message_id="m-1", **about))

    assert again() == raw
    bank.clock.set(iso(START + 5 * MINUTE))
    assert again(context={"page": "/b"}, device="phone") == raw
    assert encode(bank.bank.decide("user:u1", ["hero", "flash"], message_id="m-1")) == raw
    bank.bank.close()
    assert again() == raw
    forget(bank)
    assert again() == raw
    bank.bank.close()
    said = onefold(
        "decide", "u1", "--placement", "hero", "--record", "--message-id", "m-1", "-w", bank.folder, "--json"
    )
    assert said.fine().out.encode() == raw + b"\n"
    assert len(bank.bank.decisions.newest()) == 1
    assert free(bank, START + 10 * MINUTE) == 1  # one of two is spent


def test_a_repeat_after_the_world_went_on(bank: Shop) -> None:
    raw = encode(bank.bank.decide("u1", "flash", message_id="m-1"))
    bank.clock.set(iso(START + SECOND))
    bank.send(
        consent(at=iso(START - SECOND), status="withdrawn"), page("/loan", iso(START - MINUTE)),
        track("event_retracted", iso(START), message_id="none"),
    )  # fmt: skip
    bank.write("offers/all.yaml", OFFERS.replace("value: 4", "value: 400"))
    bank.bank.apply()
    bank.clock.set(iso(START + DAY))
    assert encode(bank.bank.decide("u1", "flash", message_id="m-1")) == raw
    assert bank.bank.decide("u1", "flash").status == "denied"


# Defect: the repeat is computed again, and history is known at its own time, so the first answer is lost.
def test_a_repeat_after_a_load_of_history(bank: Shop) -> None:
    raw = encode(bank.bank.decide("u1", "flash", message_id="m-1"))
    bank.send(consent(at="2026-04-01T00:00:00Z", status="withdrawn"), history=True)
    assert encode(bank.bank.decide("u1", "flash", message_id="m-1")) == raw


# Defect: arrivals of a load may be stamped before the decisions that came before them, which then see them.
@pytest.mark.parametrize("step", [timedelta(), -SECOND])
def test_a_load_by_a_clock_that_stood_or_went_back(bank: Shop, step: timedelta) -> None:
    first = bank.bank.decide("u1", "flash", message_id="m-1")
    bank.clock.set(iso(START + step))
    bank.send(consent(at=iso(START - DAY), status="withdrawn"))
    assert bank.bank.decisions.replay().mismatches == 0
    assert encode(bank.bank.decide("u1", "flash", message_id="m-1")) == encode(first)


def test_one_message_id_at_once_is_one_decision(bank: Shop) -> None:
    with Bank(bank.folder, clock=bank.clock) as other, ThreadPoolExecutor(8) as threads:
        banks = (bank.bank, other)
        raw = set(threads.map(lambda at: encode(banks[at % 2].decide("u1", "flash", message_id="m")), range(64)))
    assert len(raw) == 1
    assert [one.decision for one in bank.bank.decisions.newest()] == [json.loads(raw.pop())["decisionId"]]
    assert free(bank, START + MINUTE) == 1


def test_a_message_id_belongs_to_a_customer(bank: Shop) -> None:
    bank.send(consent("u2"))
    ours, theirs = (bank.bank.decide(who, "hero", message_id="m") for who in ("u1", "u2"))
    assert ours.decision_id != theirs.decision_id
    assert shown(ours) == shown(theirs) == ["loan"]


def test_what_is_sent_along_counts_first_and_once(bank: Shop) -> None:
    login = {"type": "track", "event": "login"}
    views = [{"type": "page", "properties": {"path": "/loan"}}] * 2
    first = bank.bank.decide("u1", "hero", message_id="m", events=[login, *views])
    [item] = first.placements["hero"].items
    assert (item.offer, item.propensity) == ("loan", 0.5)
    bank.clock.set(iso(START + MINUTE))
    assert encode(bank.bank.decide("u1", "hero", message_id="m", events=[login, *views])) == encode(first)
    assert bank.features("u1") == {"logins": 1, "views_7d": 2}


# What counts, and for how long


def test_a_reservation_counts_for_half_an_hour(bank: Shop) -> None:
    assert shown(bank.bank.decide("u1", "hero")) == ["loan"]
    for after, left in ((TICK, 1), (29 * MINUTE, 1), (30 * MINUTE, 1), (30 * MINUTE + TICK, 2), (DAY, 2)):
        assert free(bank, START + after) == left, after


@pytest.mark.parametrize("way", ["record", "load", "both"])
def test_what_was_shown_takes_the_place_of_its_reservation(bank: Shop, way: str) -> None:
    answer = bank.bank.decide("u1", "hero")
    seen = START + 10 * MINUTE
    bank.clock.set(iso(seen))
    if way in ("record", "both"):
        assert bank.bank.record(answer.decision_id, "loan", "shown", message_id="shown")
    if way in ("load", "both"):
        said = {"decision_id": answer.decision_id, "offer": "loan", "placement": "hero", "channel": "web"}
        bank.send(track("offer_shown", iso(seen), id="shown" if way == "load" else "shown too", **said))
    left = 0 if way == "both" else 1  # two exposures that are told apart by their messageIds are two
    for after in (TICK, 20 * MINUTE, 30 * MINUTE + TICK, DAY):
        assert free(bank, START + 10 * MINUTE + after) == left, after
    assert free(bank, seen + DAY + TICK) == 2
    assert free(bank, START + 5 * MINUTE) == 1  # at that moment it was a reservation


def test_shown_when_the_reservation_had_lapsed(bank: Shop) -> None:
    answer = bank.bank.decide("u1", "hero")
    assert free(bank, START + 40 * MINUTE) == 2
    bank.clock.set(iso(START + 45 * MINUTE))
    bank.bank.record(answer.decision_id, "loan", "shown", message_id="late")
    for after, left in ((44 * MINUTE, 2), (45 * MINUTE, 1), (45 * MINUTE + DAY, 1), (45 * MINUTE + DAY + TICK, 2)):
        assert free(bank, START + after) == left, after


def test_where_nobody_confirms_it_counts_at_once(bank: Shop) -> None:
    assert shown(bank.bank.decide("u1", "flash")) == ["loan"]
    for after, left in ((TICK, 1), (30 * MINUTE + TICK, 1), (DAY, 1), (DAY + TICK, 2)):
        assert free(bank, START + after) == left, after


# Defect: a repeat that comes a moment later is refused as a conflict, and kept among the rejections.
def test_a_report_that_is_repeated_counts_once(bank: Shop) -> None:
    answer = bank.bank.decide("u1", "hero")
    bank.clock.set(iso(START + MINUTE))
    assert bank.bank.record(answer.decision_id, "loan", "shown", message_id="shown")
    assert bank.bank.record(answer.decision_id, "loan", "shown", message_id="shown")
    assert free(bank, START + 2 * MINUTE) == 1
    bank.clock.set(iso(START + 3 * MINUTE))
    assert bank.bank.record(answer.decision_id, "loan", "shown", message_id="shown")
    assert free(bank, START + 4 * MINUTE) == 1
    assert bank.bank.rejections() == []


def test_two_rejections_pause_the_offer_for_thirty_days(bank: Shop) -> None:
    for number in range(2):
        bank.clock.set(iso(START + number * DAY))
        answer = bank.bank.decide("u1", "hero")
        assert shown(answer) == ["loan"]
        bank.bank.record(answer.decision_id, "loan", "rejected", message_id=f"no {number}")
    last = START + DAY + TICK  # what comes in after a decision is later than it
    for at, offers in (
        (last, ["savings"]), (last + 30 * DAY - TICK, ["savings"]), (last + 30 * DAY, ["loan"]),
    ):  # fmt: skip
        assert shown(bank.bank.decide("u1", "hero", at=at, dry_run=True)) == offers, at


def test_what_a_visitor_saw_counts_for_the_customer(bank: Shop) -> None:
    bank.send(consent(None, anon="a1"))
    assert shown(bank.bank.decide("anon:a1", "flash")) == ["loan"]
    assert shown(bank.bank.decide("anon:a1", "flash")) == ["loan"]
    assert shown(bank.bank.decide("anon:a1", "flash")) == []
    assert free(bank, START + MINUTE) == 2
    bank.clock.set(iso(START + MINUTE))
    bank.send(identify(iso(START + MINUTE), anon="a1", region="north"))
    assert free(bank, START + 2 * MINUTE) == 0
    assert shown(bank.bank.decide("anon:a1", "flash", dry_run=True)) == []
    assert {one.customer for one in bank.bank.decisions.newest("u1")} == {"anon:a1"}


def test_an_outcome_of_nothing_is_refused(bank: Shop, onefold: Onefold) -> None:
    answer = bank.bank.decide("u1", "hero")
    dry = bank.bank.decide("u1", "hero", dry_run=True)
    for decision, offer, outcome, named in (
        (answer.decision_id, "savings", "shown", "savings"), (answer.decision_id, "loan", "reserved", "reserved"),
        (dry.decision_id, "loan", "shown", dry.decision_id), ("none", "loan", "shown", "none"),
    ):  # fmt: skip
        with pytest.raises(UserError) as refused:
            bank.bank.record(decision, offer, outcome, message_id="x")
        assert named in refused.value.problems[0].what
        assert refused.value.problems[0].remedy
    bank.bank.close()
    assert onefold("why", "--decision", "none", "-w", bank.folder, "--json").status == 1


# Dry runs


def test_a_dry_run_leaves_no_trace(bank: Shop, onefold: Onefold) -> None:
    bank.bank.decide("u1", "hero")
    bank.bank.close()
    before = prints(bank.folder)
    about: dict[str, Any] = {"events": [{"type": "track", "event": "login"}], "context": {"page": "/new-text"}}
    for _ in range(3):
        assert shown(bank.bank.decide("u1", "flash", dry_run=True, message_id="m", **about)) == ["loan"]
        assert shown(bank.bank.decide("someone-new", "flash", dry_run=True)) == []
        assert bank.bank.decide("u1", "flash", draft=True).status == "ok"
    words = ["decide", "u1", "--placement", "flash", "--at", iso(START + MINUTE), "-w", bank.folder, "--json"]
    first = onefold(*words, "--event", json.dumps(about["events"][0])).fine()
    assert onefold(*words, "--event", json.dumps(about["events"][0])).out == first.out
    with pytest.raises(UserError):
        bank.bank.genome("someone-new")
    assert bank.features("u1")["logins"] == 0
    bank.bank.close()
    assert prints(bank.folder) == before
    assert len(bank.bank.decisions.newest()) == 1


def prints(folder: Path) -> dict[str, str]:
    """Return the digest of every file that is the truth; what can be built anew is left out."""
    kept = [path for part in ("log", "keys", "rejected", "changes") for path in (folder / ".onefold" / part).rglob("*")]
    kept.append(folder / ".onefold" / "control.db")
    found = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept if path.is_file()}
    assert len(found) > 2
    return found


def test_the_past_can_be_asked_and_not_recorded(bank: Shop) -> None:
    bank.send(page("/loan", iso(START - MINUTE)), page("/loan", iso(START - SECOND)))
    [now] = bank.bank.decide("u1", "hero", at=START, dry_run=True).placements["hero"].items
    [then] = bank.bank.decide("u1", "hero", at=START, known=START - SECOND, dry_run=True).placements["hero"].items
    assert (now.propensity, then.propensity) == (0.5, 0.1)
    with pytest.raises(UserError, match="known"):
        bank.bank.decide("u1", "hero", known=START)


def test_the_draft_is_tried_without_being_published(bank: Shop, onefold: Onefold) -> None:
    bank.bank.decide("u1", "hero", message_id="m")
    bank.write("offers/all.yaml", OFFERS + "  gift: {product: gift, purpose: service, treatments: {g: {kind: ad, "
               "channels: [web]}}, value: 999}\n")  # fmt: skip
    words = ("decide", "u1", "--placement", "flash", "--at", iso(START + MINUTE), "-w", bank.folder, "--json")
    assert shown(bank.bank.decide("u1", "flash", at=START + MINUTE, dry_run=True)) == ["loan"]
    assert shown(bank.bank.decide("u1", "flash", at=START + MINUTE, draft=True)) == ["gift"]
    bank.bank.close()
    assert onefold(*words, "--draft").json["placements"]["flash"]["items"][0]["offer"] == "gift"
    assert onefold(*words).json["placements"]["flash"]["items"][0]["offer"] == "loan"
    assert len(bank.bank.decisions.newest()) == 1


# Many placements


def test_two_dozen_placements_show_no_offer_twice(tmp_path: Path, onefold: Onefold) -> None:
    offers = "".join(
        f"  offer_{at}: {{product: p{at % 7}, purpose: marketing, value: {100 - at}, treatments: "
        "{one: {kind: ad, channels: [web]}, two: {kind: tool, channels: [web, mobile]}}}\n"
        for at in range(30)
    )
    channels = ("web", "mobile")
    places = "".join(f"  place_{at}: {{channel: {channels[at % 2]}, limit: {1 + at % 2}}}\n" for at in range(24))
    shop = opened(
        tmp_path / "bank", **{"offers/all.yaml": f"offers:\n{offers}", "placements.yaml": f"placements:\n{places}",
                              "policies.yaml": "policies: {contact: []}\n"}
    )  # fmt: skip
    names = [f"place_{at}" for at in range(24)]
    answer = shop.bank.decide("u1", names)
    found = shown(answer)
    assert list(answer.placements) == names
    assert Counter(found) == Counter(f"offer_{at}" for at in range(30))  # 36 places, 30 offers: each once
    assert found[:3] == ["offer_0", "offer_1", "offer_2"]
    assert len(shop.bank.decisions.newest()) == 1
    shop.bank.close()
    asked = [word for name in names for word in ("--placement", name)]
    said = onefold("decide", "u1", *asked, "-w", shop.folder, "--at", iso(START + DAY), "--json").fine().json
    assert [item["offer"] for one in said["placements"].values() for item in one["items"]] == found


def test_a_cap_holds_within_one_call(bank: Shop) -> None:
    answer = bank.bank.decide("u1", ["hero", "flash"], explain=True)
    assert shown(answer) == ["loan", "savings"]
    assert shown(bank.bank.decide("u1", ["hero", "flash"])) == []


# Decisions of old


class World:
    """A bank in which things go on: people come, agree, look about, are shown offers, and the bank changes its mind."""

    people = [f"u{at}" for at in range(12)] + [f"anon:a{at}" for at in range(4)]

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice, self.at, self.sent = Random(seed), START, 0
        self.shop = opened(folder)
        self.answers: dict[str, bytes] = {}
        self.send(*(self.message(who) for who in self.people for _ in range(4)))

    def message(self, who: str, back: timedelta = 10 * DAY) -> dict[str, Any]:
        """Return something that happened to somebody lately, or is only heard of now."""
        self.sent += 1
        user, anon = (None, who.removeprefix("anon:")) if who.startswith("anon:") else (who, None)
        more: dict[str, Any] = {"id": f"w{self.sent}", **({"anon": anon} if anon else {})}
        at = iso(self.at - self.dice.random() * back)
        match self.dice.randrange(6):
            case 0 | 1:
                return consent(user, at, status="granted" if self.dice.random() < 0.9 else "withdrawn", **more)
            case 2 | 3:
                return page(self.dice.choice(["/loan", "/loan/x", f"/p{self.sent}"]), at, user, **more)
            case 4:
                return identify(at, user, region=f"r{self.sent}", **more)
            case _:
                return track("login", at, user, **more)

    def send(self, *messages: dict[str, Any]) -> None:
        self.at += SECOND
        self.shop.clock.set(iso(self.at))
        assert self.shop.send(*messages).rejected == 0

    def decide(self, count: int) -> None:
        """Let some minutes pass, ask for somebody, and now and then hear what became of it."""
        dice, bank = self.dice, self.shop.bank
        for number in range(count):
            if number % max(25, count // 10) == 20:
                self.send(*(self.message(who) for who in self.people))
            self.at += dice.choice([timedelta(), SECOND, 40 * MINUTE, 300 * MINUTE])
            self.shop.clock.set(iso(self.at))
            placements = dice.choice([["hero"], ["flash"], ["hero", "flash"], ["flash", "hero"]])
            events = [{"type": "page", "properties": {"path": "/loan/now"}}] if dice.random() < 0.1 else []
            message_id = f"d{len(self.answers)}" if dice.random() < 0.3 else None
            answer = bank.decide(
                dice.choice([*self.people, "nobody"]), placements, explain=dice.random() < 0.1, events=events,
                context={"page": f"/{dice.randrange(9)}"}, message_id=message_id,
            )  # fmt: skip
            self.answers[answer.decision_id] = encode(answer)
            for offer in shown(answer):
                for outcome, share in (("shown", 0.4), ("clicked", 0.2), ("rejected", 0.05)):
                    if dice.random() < share:
                        bank.record(
                            answer.decision_id, offer, outcome, message_id=f"{answer.decision_id} {outcome} {offer}"
                        )

    def differing(self) -> int:
        """Return how many of a hundred decisions would come out otherwise by what is known and published today."""
        found, bank = 0, self.shop.bank
        for one in bank.decisions.newest(limit=len(self.answers))[:: len(self.answers) // 100]:
            assert bank.decisions.get(one.decision).answer == self.answers[one.decision]
            today = bank.decide(one.customer, list(one.placements), at=one.at, dry_run=True)
            now = {name: [item.offer for item in placement.items] for name, placement in today.placements.items()}
            found += now != one.placements
        return found

    def check(self) -> None:
        """Every decision is made again to the byte, out of the log alone."""
        forget(self.shop)
        assert self.shop.bank.decisions.replay() == Replayed(len(self.answers), 0, ())


def went_on(world: World, each: int) -> None:
    """Go through all that must not change an old answer, with decisions under each set of definitions."""
    shop = world.shop
    world.decide(each)
    world.send(*(world.message(who, 90 * DAY) for who in world.people))  # late, and new

    retracted = [track("event_retracted", iso(world.at), "u1", id=f"r{at}", message_id=f"w{at}") for at in range(1, 60)]
    for at, one in enumerate(retracted):
        one["userId"] = world.people[at % 12]
    world.send(*retracted)
    world.send(*(identify(iso(world.at), f"u{at}", anon=f"a{at}", region="linked", id=f"l{at}") for at in range(3)))
    world.check()

    shop.write("features/all.yaml", FEATURES.replace("within: 7d", "within: 1d") + "  region: {last: traits.region}\n")
    shop.write("offers/all.yaml", OFFERS.replace("logins > 0", "region LIKE 'r%'").replace("value: 4", "value: 40"))
    shop.bank.apply()
    world.decide(each)

    wider = EVENTS.replace("events:\n", "events:\n  a_first: {x: {type: number}, y: {type: date}, z: {type: money}}\n")
    shop.write("events.yaml", wider.replace("traits:", "traits:\n  alias: {type: category}"))
    shop.write("onefold.yaml", "name: Elsewhere\ntime_zone: Asia/Tokyo\ncurrency: JPY\n")
    shop.write("policies.yaml", POLICIES.replace("cap: 2", "cap: 1").replace("30m", "5m"))
    shop.bank.apply()
    world.send(track("a_first", iso(world.at), x=1, y="2026-01-01", z=5, id="wide"))
    world.decide(each)
    world.check()

    shop.bank.rollback()
    world.decide(each)
    world.check()
    assert world.differing() > 10
    assert sum(b'"rank":1' in raw for raw in world.answers.values()) > len(world.answers) / 4


def test_old_decisions_are_made_again_to_the_byte(tmp_path: Path, onefold: Onefold) -> None:
    world = World(tmp_path / "bank", seed=3)
    went_on(world, 75)
    world.shop.bank.close()
    said = onefold("decisions", "replay", "-w", world.shop.folder, "--json").fine().json
    assert said == {"decisions": 300, "mismatches": 0, "differing": []}
    for decision in list(world.answers)[::120]:
        assert onefold("decisions", "replay", decision, "-w", world.shop.folder, "--json").json["decisions"] == 1
        told = onefold("decisions", "show", decision, "-w", world.shop.folder, "--json").fine().json
        assert told["answer"] == json.loads(world.answers[decision])
        why = onefold("why", "--decision", decision, "-w", world.shop.folder, "--json").fine().json
        for name, placement in why["placements"].items():
            assert placement["items"] == told["answer"]["placements"][name]["items"]
            assert placement["funnel"]


@pytest.mark.nightly
def test_ten_thousand_old_decisions_are_made_again_to_the_byte(tmp_path: Path) -> None:
    world = World(tmp_path / "bank", seed=4)
    went_on(world, 2500)
    assert len(world.answers) == 10_000
