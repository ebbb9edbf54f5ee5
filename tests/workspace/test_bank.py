from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests.acceptance.shop import FEATURES, Shop, track

import onefold
from onefold.core.errors import UserError
from onefold.workspace.bank import Bank
from onefold.workspace.stores import DATA, open_stores


def test_opening_reads_nothing(tmp_path: Path) -> None:
    bank = onefold.open(tmp_path / "nosuch")
    for call in (bank.check, bank.apply, bank.load, bank.status, bank.genomes, bank.rejections):
        with pytest.raises(UserError, match="it is no workspace"):
            call()
    assert not (tmp_path / "nosuch").exists()


def test_nothing_loaded_yet(shop: Shop) -> None:
    for call in (shop.bank.status, shop.bank.genomes, shop.bank.rejections):
        with pytest.raises(UserError, match="nothing was loaded or published here yet"):
            call()
    assert not (shop.folder / DATA).exists()


def test_moments_as_text_and_datetime(shop: Shop) -> None:
    shop.send(track("login", "2026-05-04T09:00:00Z"))
    east = timezone(timedelta(hours=2))
    for at in ("2026-05-04T09:00:00Z", "2026-05-04T11:00:00+02:00", "2026-05-04T09:00:00",
               datetime(2026, 5, 4, 9, tzinfo=UTC), datetime(2026, 5, 4, 11, tzinfo=east)):  # fmt: skip
        assert shop.bank.genome("u1", at=at).at == "2026-05-04T09:00:00Z"
        assert shop.bank.genomes(at=at).num_rows == 1
    assert shop.bank.genome("u1").at == "2026-06-01T12:00:00Z"
    for bad in ("then", "", datetime(2026, 5, 4, 9)):  # noqa: DTZ001 - a naive one is refused
        with pytest.raises(UserError, match="ISO 8601"):
            shop.bank.genome("u1", at=bad)
        with pytest.raises(UserError, match="--known"):
            shop.bank.genome("u1", known=bad)


def test_a_bank_can_be_closed_and_goes_on(shop: Shop) -> None:
    shop.send(track("login"))
    with shop.bank as bank:
        assert bank.genome("u1").features["logins"] == 1
    bank.close()
    assert bank.genome("u1").features["logins"] == 1


def test_reading_follows_writing_in_one_session(shop: Shop) -> None:
    for count in range(1, 4):
        shop.send(track("login"))
        assert shop.features("u1")["logins"] == count
        assert shop.bank.status().records == count + 1


def test_a_new_definition_is_live_over_all_history_and_draft_before(shop: Shop) -> None:
    shop.send(track("card_purchase", amount=5, category="a"), track("card_purchase", amount=7, category="b"))
    shop.write("features/all.yaml", FEATURES + "  kinds: {distinct: card_purchase.category}\n")
    assert "kinds" not in shop.features("u1")
    assert shop.bank.genome("u1", draft=True).features["kinds"] == 2
    assert shop.bank.genomes(draft=True).column("kinds").to_pylist() == [2]
    assert "kinds" not in shop.features("u1")
    publication, new = shop.bank.apply()
    assert (publication.number, new) == (2, True)
    assert shop.features("u1")["kinds"] == 2
    assert shop.bank.genome("u1").definitions == publication.digest


def test_a_draft_of_events_leaves_the_published_timelines_alone(shop: Shop) -> None:
    shop.send(track("login", device="phone"))
    before = sorted(path.name for path in (shop.folder / DATA / "timelines").iterdir())
    shop.write("events.yaml", "events: {login: {device: category}}\n")
    shop.write("features/all.yaml", "features:\n  device: {last: login.device}\n")
    assert shop.bank.genome("u1", draft=True).features == {"device": "phone"}
    shop.send(track("login", "2026-05-05", device="tablet"))
    assert shop.bank.genome("u1", draft=True).features == {"device": "tablet"}
    assert shop.features("u1")["logins"] == 2
    assert sorted(path.name for path in (shop.folder / DATA / "timelines").iterdir()) == before


def test_export_says_what_it_wrote(shop: Shop, tmp_path: Path) -> None:
    shop.send(track("login"))
    done = shop.bank.export_genomes(tmp_path / "x.csv", at="2026-05-05")
    assert (done.customers, done.at, done.definitions) == (1, "2026-05-05T00:00:00Z", shop.bank.status().definitions)
    assert shop.bank.export_genomes(tmp_path / "x.csv", at="2026-05-01").customers == 0


def test_two_banks_on_one_folder_see_what_either_loads(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.send(track("login"))
    assert shop.features("u1")["logins"] == 1
    Bank(shop.folder, clock=shop.clock).load_messages([shop.file([track("login")])])
    assert shop.features("u1")["logins"] == 2


def test_asking_for_changes_publishes_nothing_and_keeps_nobody_from_writing(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", {"segments/all.yaml": "segments: {seen: {when: logins > 0}}\n"})
    for call in (lambda: shop.bank.segments.changes(None), lambda: shop.bank.decide("u1", "hero")):
        with pytest.raises(UserError, match="nothing was loaded or published here yet"):
            call()
    assert not (shop.folder / DATA).exists()
    shop.send(track("login"))
    assert [one.segment for one in shop.bank.segments.changes(None)] == ["seen"]
    with open_stores(shop.folder, read_only=False):
        pass  # whoever comes next may write
