"""The decisions of ADR 5, each asked of a small bank: what the semantics leave open does not change by chance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import onefold
from onefold.core.errors import UserError
from onefold.workspace.bank import Bank
from onefold.workspace.genome import Genome

FILES = {
    "onefold.yaml": "name: Silent\ntime_zone: UTC\nretention: {order_placed: 10d}\n",
    "events.yaml": """
        events:
          page_viewed: {seconds: {type: number, scale: 0}}
          order_placed: {lines: {type: list, of: {price: {type: money}}}}
        traits:
          region: category
          matures_on: date
        """,
    "features/all.yaml": """
        features:
          pages: {count: page_viewed}
          lines: {count: order_placed.lines}
          mean_seconds: {mean: page_viewed.seconds, within: 3d}
          long_share: {share: page_viewed, where: seconds > 60}
          stated: {count: traits.region}
          days_stated: {active: traits.region, by: day}
          regions: {distinct: traits.region}
          last_region: {last: traits.region}
          maturity: {until: traits.matures_on}
        """,
}
NO_SECONDS = {"type": "page", "timestamp": "2026-05-02T00:00:00Z"}

Tell = Callable[..., None]


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with onefold.open(tmp_path) as bank:
        yield bank


@pytest.fixture
def tell(bank: Bank) -> Tell:
    """Load messages, each known at its own time; they are numbered, and of the user ``x`` if they do not say."""
    numbers = iter(range(1, 1_000))

    def load(*messages: Mapping[str, object]) -> None:
        filled = [{"messageId": f"m{next(numbers)}", "userId": "x", **message} for message in messages]
        path = bank.folder / "told.jsonl"
        path.write_text("\n".join(map(json.dumps, filled)), encoding="utf-8")
        assert bank.load_messages([path], history=True).rejected == 0

    return load


def features(bank: Bank, at: str = "2026-05-03", name: str = "x") -> Mapping[str, object]:
    return asked(bank, at, name).features


def asked(bank: Bank, at: str = "2026-05-03", name: str = "x") -> Genome:
    return bank.genome(name, at=at)


def test_a_trait_stated_as_null_is_a_statement_and_no_value(bank: Bank, tell: Tell) -> None:
    tell({"type": "identify", "timestamp": "2026-05-02T00:00:00Z", "traits": {"region": None}})
    found = features(bank)
    assert (found["stated"], found["days_stated"], found["regions"], found["last_region"]) == (1, 1, 0, None)


def test_share_is_0_where_none_match_and_null_where_there_is_none(bank: Bank, tell: Tell) -> None:
    tell(NO_SECONDS)
    assert features(bank)["long_share"] == 0.0
    assert features(bank, at="2026-05-01")["long_share"] is None


def test_an_event_without_the_property_still_counts_for_next_change(bank: Bank, tell: Tell) -> None:
    tell(NO_SECONDS)
    assert features(bank)["mean_seconds"] is None
    assert asked(bank).next_change == "2026-05-05T00:00:00.000001Z"


def test_until_is_below_0_on_the_day_and_then_over(bank: Bank, tell: Tell) -> None:
    tell({"type": "identify", "timestamp": "2026-05-01T00:00:00Z", "traits": {"matures_on": "2026-05-03"}})
    assert [features(bank, at)["maturity"] for at in ("2026-05-03", "2026-05-03T18:00", "2026-05-04")] == [
        0,
        -0.75,
        None,
    ]
    assert asked(bank, "2026-05-03T18:00").next_change == "2026-05-04T00:00:00Z"


def test_retention_holds_for_the_lines_of_a_list(bank: Bank, tell: Tell) -> None:
    order = {"type": "track", "event": "Order Placed", "timestamp": "2026-05-01T00:00:00Z"}
    tell({**order, "properties": {"lines": [{"price": 1}, {"price": 2}]}})
    assert [features(bank, at)["lines"] for at in ("2026-05-11", "2026-05-11T00:00:00.000001Z")] == [2, 0]


def test_between_two_links_events_are_the_later_owners(bank: Bank, tell: Tell) -> None:
    for owner, day in (("ann", "01"), ("bob", "05")):
        linked = {"type": "track", "event": "identity_linked", "timestamp": f"2026-05-{day}T00:00:00Z"}
        tell({**linked, "userId": owner, "properties": {"identifier": "account:7"}})
    for day in ("01", "03", "05", "07"):
        tell({**NO_SECONDS, "userId": "account:7", "timestamp": f"2026-05-{day}T00:00:00Z"})
    assert [features(bank, "2026-05-09", name)["pages"] for name in ("ann", "bob")] == [1, 3]
    assert asked(bank, name="account:7").customer == "user:bob"


def test_an_unlink_cancels_the_links_of_its_pair_up_to_its_time(bank: Bank, tell: Tell) -> None:
    at = "2026-05-02T00:00:00Z"
    tell({**NO_SECONDS, "anonymousId": "v"})
    tell({"type": "page", "userId": None, "anonymousId": "v", "timestamp": at})
    assert features(bank)["pages"] == 2
    part = {"type": "track", "event": "identity_unlinked", "properties": {"identifier": "anon:v"}}
    tell({**part, "timestamp": at})
    assert features(bank)["pages"] == 1
    tell({"type": "page", "anonymousId": "v", "timestamp": "2026-05-02T00:00:00.000001Z"})
    assert features(bank)["pages"] == 3


def test_a_customer_who_does_not_exist_yet_is_an_empty_timeline(bank: Bank, tell: Tell) -> None:
    tell(NO_SECONDS)
    found = features(bank, at="2020-01-01")
    assert {name for name, value in found.items() if value is not None} == {
        "pages",
        "lines",
        "stated",
        "days_stated",
        "regions",
    }
    assert bank.genomes(at="2020-01-01").num_rows == 0
    with pytest.raises(UserError):
        asked(bank, name="nobody")


def test_what_no_longer_fits_is_hidden_and_seen_again_when_it_fits(bank: Bank, tell: Tell) -> None:
    tell({**NO_SECONDS, "properties": {"seconds": 5}})
    path = bank.folder / "events.yaml"
    fits = path.read_text(encoding="utf-8")
    path.write_text(fits.replace("{type: number, scale: 0}", "{type: boolean}"), encoding="utf-8")
    told = (bank.folder / "features/all.yaml").read_text(encoding="utf-8")
    without = "\n".join(line for line in told.splitlines() if "seconds" not in line)
    (bank.folder / "features/all.yaml").write_text(without, encoding="utf-8")
    bank.apply()
    assert features(bank)["pages"] == 0
    path.write_text(fits, encoding="utf-8")
    bank.apply()
    assert features(bank)["pages"] == 1


def test_the_hash_covers_files_that_this_release_does_not_read(bank: Bank) -> None:
    before = bank.check().digest
    (bank.folder / "places.yaml").write_text("places: {}\n", encoding="utf-8")
    assert bank.check().digest != before
