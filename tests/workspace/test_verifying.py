"""``verify``: nothing to say of what is served rightly, and every planted fault found."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.acceptance.czech import load_czech
from tests.acceptance.shop import ONEFOLD, Shop, identify, page, track

from onefold.adapters.clock import system_clock
from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.core.ids import text_code
from onefold.core.instant import DAY, Span
from onefold.core.zone import zone
from onefold.features import plan as plan_module
from onefold.features import tables
from onefold.features.aggregates import Aggregate
from onefold.features.definitions import Aggregated
from onefold.features.engine import FOREVER, Engine
from onefold.features.genomes import Genomes
from onefold.features.windows import Bound
from onefold.profiles.identity import Ownership, View
from onefold.profiles.layout import Layout
from onefold.profiles.store import Batch
from onefold.profiles.words import SLOTS, codes_of
from onefold.workspace.access import Access
from onefold.workspace.bank import Bank
from onefold.workspace.catch_up import catch_up
from onefold.workspace.evidence import SHOWN_OF_ONE, Evidence, Mismatch, Tally, Verification
from onefold.workspace.publishing import published_definitions
from onefold.workspace.reader import Reader
from onefold.workspace.stores import open_stores
from onefold.workspace.verifying import verify, verify_workspace

EXAMPLES = Path(__file__).parents[2] / "examples"
BERKA = Path(__file__).parents[3] / "shared" / "data" / "berka"
FEATURES = """
features:
  spend:          {sum: card_purchase.amount}
  spend_30d:      {sum: card_purchase.amount, within: 30d}
  travel_30d:     {sum: card_purchase.amount, where: "category = 'travel'", within: 30d}
  this_month:     {sum: card_purchase.amount, since: start of month}
  before:         {count: card_purchase, between: [2mo, 1mo]}
  mean:           {mean: card_purchase.amount, within: 30d}
  travel_share:   {share: card_purchase, where: "category = 'travel'"}
  dearest:        {max: card_purchase.products.price}
  last_sku:       {last: card_purchase.products.sku}
  mortgage_7d:    {count: page_viewed, where: "path LIKE '/mortgage%'", within: 7d}
  days_active:    {active: page_viewed, by: day, within: 1mo}
  kinds:          {distinct: card_purchase.category}
  since_view:     {since_last: page_viewed}
  region:         {last: traits.region}
  income:         {last: traits.income}
  years:          {expr: age}
  saver:          {expr: "income > 1000 AND spend < 50"}
"""
PRAGUE = ONEFOLD.replace("UTC", "Europe/Prague") + "retention: {page_viewed: 60d}\n"
BUSY = tuple(f"u{number}" for number in range(12))
QUIET = tuple(f"q{number}" for number in range(4))
NAMES = (*BUSY, *QUIET)


def some_traffic(dice: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """Yield messages of some months: of busy customers with links and retractions, and of quiet ones."""
    for number in range(count):
        month, day, hour, minute = dice.randint(2, 6), dice.randint(1, 28), dice.randint(0, 23), dice.randint(0, 59)
        at = f"2026-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z"
        user, device, quiet = dice.choice(BUSY), f"d{dice.randint(0, 11)}", dice.choice(QUIET)
        lines = [{"sku": dice.choice("abc"), "price": dice.randint(1, 9)} for _ in range(dice.randint(0, 3))]
        yield dice.choice(
            [
                track(
                    "card_purchase", at, user, id=f"{user}-{dice.randint(0, 15)}", amount=dice.randint(1, 5000) / 100,
                    category=dice.choice(["travel", "food"]), products=lines,
                ),
                page(dice.choice(["/mortgage/a", "/mortgage", "/home"]), at, None, anon=device, id=f"v{number}"),
                page("/mortgage", at, user if dice.random() < 0.2 else None, anon=device, id=f"w{number}"),
                identify(at, user, region=dice.choice(["north", "south", None]), id=f"i{number}"),
                identify(at, quiet, income=dice.randint(0, 3000), birth_date="1990-06-25", id=f"j{number}"),
                track("card_purchase", at, quiet, id=f"q{number}", amount=3, category="food"),
                track("event_retracted", at, user, message_id=f"{user}-{dice.randint(0, 15)}", id=f"r{number}"),
                track("identity_unlinked", at, user, identifier=f"anon:{device}", id=f"u{number}"),
            ]
        )  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A workspace whose events came in three loads, some weeks apart."""
    shop = Shop(tmp_path_factory.mktemp("town") / "shop", {"features/all.yaml": FEATURES, "onefold.yaml": PRAGUE})
    dice = random.Random(7)
    for moment in ("2026-05-01T10:00:00Z", "2026-06-01T12:00:00Z", "2026-06-20T09:00:00Z"):
        shop.clock.set(moment)
        shop.send(*some_traffic(dice, 150))
    return shop


@contextmanager
def reading(shop: Shop) -> Iterator[tuple[Reader, MemoryTimelines]]:
    """Open a workspace over timelines in memory, which a test may spoil."""
    shop.bank.close()
    with open_stores(shop.folder, read_only=False) as stores:
        definitions = published_definitions(stores)
        layout = Layout(definitions.schema)
        timelines = MemoryTimelines(layout)
        catch_up(stores, timelines, layout)
        yield Reader(stores, timelines, definitions), timelines


def verified(shop: Shop, reader: Reader, **more: Any) -> Verification:
    return verify(reader, at=shop.clock(), **{"sample": None, **more})


@pytest.mark.parametrize("seed", range(4))
def test_what_is_served_rightly_has_no_mismatch(town: Shop, seed: int) -> None:
    with closing(Access(town.folder, town.clock)) as access:
        found = verify_workspace(access, sample=None, seed=seed)
    assert (found.mismatches, found.by_name, found.examples) == (0, {}, ())
    assert found.customers == len(NAMES)
    assert found.moments > 7 * len(NAMES)
    assert found.values > found.moments * 18
    assert (found.at, found.known) == (town.clock(), FOREVER)


def test_moments_and_arrivals_are_those_asked_for(town: Shop) -> None:
    with closing(Access(town.folder, town.clock)) as access:
        early = verify_workspace(access, at="2026-05-15", known="2026-05-20", sample=5, seed=3)
        none = verify_workspace(access, at="2026-05-15", known="2020-01-01")
    assert (early.mismatches, early.customers, early.seed) == (0, 5, 3)
    assert (none.mismatches, none.customers, none.moments) == (0, 0, 0)


def test_other_seeds_look_at_others(town: Shop) -> None:
    with reading(town) as (reader, _):
        drawn = [Evidence(reader, at=town.clock(), known=FOREVER, sample=3, seed=seed).customers for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


Plant = Callable[[pytest.MonkeyPatch], None]


def a_window_shorter_by_a_microsecond(patch: pytest.MonkeyPatch) -> None:
    row = Bound.row

    def shorter(self: Bound) -> tuple[int, int, int, int]:
        return row(replace(self, span=Span(self.span.fixed - 1)) if self.span and self.span.fixed == 7 * DAY else self)

    patch.setattr(Bound, "row", shorter)


def a_where_that_is_ignored(patch: pytest.MonkeyPatch) -> None:
    add = plan_module._Builder.add

    def without(self: plan_module._Builder, name: str, body: Aggregated) -> None:
        add(self, name, replace(body, where=None) if name == "travel_30d" else body)

    patch.setattr(plan_module._Builder, "add", without)


def a_maximum_that_is_a_sum(patch: pytest.MonkeyPatch) -> None:
    operation = Aggregate.operation_for

    def another(self: Aggregate, known: Any) -> int:
        return tables.OP_SUM if self.name == "max" else operation(self, known)

    patch.setattr(Aggregate, "operation_for", another)


def another_zone(patch: pytest.MonkeyPatch) -> None:
    start = Engine.__init__

    def elsewhere(self: Engine, plan: Any, _: Any, *more: Any, **named: Any) -> None:
        start(self, plan, zone("UTC"), *more, **named)

    patch.setattr(Engine, "__init__", elsewhere)


def arrivals_that_do_not_matter(patch: pytest.MonkeyPatch) -> None:
    read = Engine.read

    def everything(self: Engine, rows: Any, offsets: Any, *, now: int, known: int = FOREVER) -> Genomes:
        return read(self, rows, offsets, now=now)

    patch.setattr(Engine, "read", everything)


def links_that_do_not_matter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(View, "_read_ownership", lambda *_: Ownership())


def retractions_that_do_not_matter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("onefold.profiles.timeline._without_retracted", lambda rows: rows)


def birthdays_that_never_come(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("onefold.features.engine.next_birthdays", lambda born, *_: np.full(len(born), 2**62))


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (a_window_shorter_by_a_microsecond, "mortgage_7d"),
        (a_window_shorter_by_a_microsecond, "next_change"),
        (a_where_that_is_ignored, "travel_30d"),
        (a_maximum_that_is_a_sum, "dearest"),
        (another_zone, "next_change"),
        (arrivals_that_do_not_matter, "spend"),
        (links_that_do_not_matter, "since_view"),
        (retractions_that_do_not_matter, "spend"),
        (birthdays_that_never_come, "next_change"),
    ],
)
def test_faults_of_the_engine_are_found(town: Shop, monkeypatch: pytest.MonkeyPatch, plant: Plant, name: str) -> None:
    plant(monkeypatch)
    with reading(town) as (reader, _):
        found = verified(town, reader)
    assert found.mismatches == sum(found.by_name.values()) > 0
    assert name in found.by_name
    assert any(one.what == name and one.served != one.recomputed for one in found.examples)


Spoil = Callable[[MemoryTimelines, Reader], None]


def a_purchase(timelines: MemoryTimelines, reader: Reader) -> tuple[bytes, bytes]:
    """Return a node and the record of a purchase of a customer who takes nothing back."""
    node = reader.stores.codec.node("user:q1")
    rows = timelines.rows(node)
    return node, rows[codes_of(rows) == reader.layout.code("card_purchase")][0].tobytes()


def a_record_lost(timelines: MemoryTimelines, reader: Reader) -> None:
    node, record = a_purchase(timelines, reader)
    timelines._rows[node].remove(record)


def a_record_too_many(timelines: MemoryTimelines, reader: Reader) -> None:
    node, record = a_purchase(timelines, reader)
    row = np.frombuffer(bytearray(record), np.uint64).reshape(1, -1)
    row[0, 2] ^= np.uint64(2**32)  # another message
    timelines.apply(Batch(1, {node: row}))


def an_amount_changed(timelines: MemoryTimelines, reader: Reader) -> None:
    node, record = a_purchase(timelines, reader)
    row = np.frombuffer(bytearray(record), np.uint64).reshape(1, -1)
    row[0, SLOTS + reader.layout.slots("card_purchase")["amount"]] += np.uint64(1)
    timelines._rows[node].remove(record)
    timelines.apply(Batch(1, {node: row}))


def texts_swapped(timelines: MemoryTimelines, _: Reader) -> None:
    timelines._texts |= {text_code("north"): "south", text_code("south"): "north"}


def a_customer_lost(timelines: MemoryTimelines, reader: Reader) -> None:
    node = reader.stores.codec.node("user:u1")
    for kept in (timelines._rows, timelines._names, timelines._flags, timelines._members):
        kept.pop(node, None)


def a_customer_taken_for_a_visitor(timelines: MemoryTimelines, reader: Reader) -> None:
    timelines._flags[reader.stores.codec.node("user:u1")] = 0


def names_swapped(timelines: MemoryTimelines, reader: Reader) -> None:
    one, two = map(reader.stores.codec.node, ("user:u1", "user:u2"))
    timelines._rows[one], timelines._rows[two] = timelines._rows[two], timelines._rows[one]


def a_stranger(timelines: MemoryTimelines, reader: Reader) -> None:
    _, record = a_purchase(timelines, reader)
    row = np.frombuffer(bytearray(record), np.uint64).reshape(1, -1)
    timelines.apply(Batch(1, {b"nobody".ljust(16): row}, known=(b"nobody".ljust(16),)))


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (a_record_lost, "spend"),
        (a_record_too_many, "spend"),
        (an_amount_changed, "spend"),
        (texts_swapped, "region"),
        (a_customer_lost, "customer"),
        (a_customer_taken_for_a_visitor, "customer"),
        (names_swapped, "spend"),
        (a_stranger, "customer"),
    ],
)
def test_faults_of_the_store_are_found(town: Shop, spoil: Spoil, name: str) -> None:
    with reading(town) as (reader, timelines):
        spoil(timelines, reader)
        found = verified(town, reader)
    assert name in found.by_name
    assert found.mismatches > 0


def test_three_faults_at_once_are_each_found(town: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    a_window_shorter_by_a_microsecond(monkeypatch)
    a_where_that_is_ignored(monkeypatch)
    with reading(town) as (reader, timelines):
        texts_swapped(timelines, reader)
        found = verified(town, reader)
    assert {"mortgage_7d", "travel_30d", "region"} <= set(found.by_name)
    assert {"mortgage_7d", "travel_30d", "region"} <= {one.what for one in found.examples}


def test_all_are_counted_and_some_are_kept() -> None:
    tally = Tally()
    for number in range(100):
        tally.compare(Mismatch("user:1", f"f{number % 3}", 0, 0, 1, 2))
    tally.compare(Mismatch("user:1", "fine", 0, 0, None, None))
    assert (tally.values, tally.mismatches.total(), len(tally.examples)) == (101, 100, 3 * SHOWN_OF_ONE)


def test_a_check_of_ones_own(town: Shop) -> None:
    def check(evidence: Evidence, tally: Tally) -> None:
        for name in evidence.customers:
            tally.compare(Mismatch(name, "segment", evidence.at, evidence.known, True, name != "user:u3"))

    with reading(town) as (reader, _):
        found = verify(reader, at=0, sample=None, checks=(check,))
    assert (found.values, dict(found.by_name), found.examples[0].customer) == (len(NAMES), {"segment": 1}, "user:u3")


def test_progress_is_told(town: Shop) -> None:
    said: dict[str, int] = {}

    def progress(what: str, done: int, total: int | None) -> None:
        assert done >= said.get(what, 0)
        said[what] = done

    with reading(town) as (reader, _):
        verified(town, reader, progress=progress)
    assert said["Comparing one by one"] == len(NAMES)
    assert said["Reading the log"] > 100


def the_whole_of(folder: Path, *, at: str | None = None, seed: int = 0) -> Verification:
    with closing(Access(folder, system_clock)) as access:
        return verify_workspace(access, at=at, sample=None, seed=seed)


@pytest.mark.parametrize("at", [None, "2026-05-04", "2026-05-25"])
def test_the_tiny_bank_has_no_mismatch(tiny: Path, at: str | None) -> None:
    found = the_whole_of(tiny, at=at)
    assert (found.mismatches, found.examples) == (0, ())
    assert found.customers >= 2


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bank, loaded as its demo does."""
    folder = tmp_path_factory.mktemp("tiny") / "bank"
    shutil.copytree(EXAMPLES / "tiny-bank", folder, ignore=shutil.ignore_patterns(".onefold"))
    with Bank(folder) as bank:
        bank.load(history=True)
        bank.load_messages([folder / "data" / "messages.jsonl"], history=True)
        bank.load_messages([folder / "data" / "late.jsonl"])
    return folder


@pytest.fixture(scope="module")
def czech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Czech bank, loaded."""
    if not BERKA.is_dir():
        pytest.skip("real data not present: ../shared/data")
    return load_czech(tmp_path_factory.mktemp("czech") / "bank", BERKA).folder


def test_a_sample_of_the_czech_bank_has_no_mismatch(czech: Path) -> None:
    # what is known in a hundred years is everything: this leaves out readings of all customers as of past arrivals
    with closing(Access(czech, system_clock)) as access:
        found = verify_workspace(access, at="1997-03-31", known="2126-01-01", sample=100)
    assert (found.mismatches, found.examples) == (0, ())
    assert found.customers == 100


@pytest.mark.nightly
@pytest.mark.parametrize("at", [None, "1996-02-29", "1997-10-26", "1998-12-31"])
def test_the_whole_czech_bank_has_no_mismatch(czech: Path, at: str | None) -> None:
    found = the_whole_of(czech, at=at, seed=len(at or ""))
    assert (found.mismatches, found.examples) == (0, ())
    assert found.customers == 5369
