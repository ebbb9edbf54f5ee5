from __future__ import annotations

import pytest
from tests.acceptance.shop import EVENTS, FEATURES, ONEFOLD, Shop, track

from onefold.core.errors import UserError
from onefold.governance.records import Kind
from onefold.workspace.publishing import publish, published_definitions
from onefold.workspace.stores import open_stores

CONTENTS = {"onefold.yaml": ONEFOLD, "events.yaml": EVENTS, "features/all.yaml": FEATURES}


def test_publishing_is_a_record_of_the_log_once_a_change(shop: Shop) -> None:
    with open_stores(shop.folder, read_only=False) as stores:
        with pytest.raises(UserError, match="none are published yet"):
            published_definitions(stores)
        first, new = publish(stores, CONTENTS, now=5)
        assert (first.number, first.published_at, new) == (1, 5, True)
        assert publish(stores, CONTENTS, now=6) == (first, False)
        second, new = publish(stores, {**CONTENTS, "features/all.yaml": ""}, now=7)
        assert (second.number, new) == (2, True)
        third, new = publish(stores, CONTENTS, now=8)  # going back is a publication too
        assert (third.number, third.digest, new) == (3, first.digest, True)
        records = [stores.codec.decode(payload) for _, payload in stores.log.records()]
        assert [(record.kind, record.known_at) for record in records] == [(Kind.PUBLICATION, at) for at in (5, 7, 8)]
        assert published_definitions(stores).digest == first.digest


def test_load_publishes_first_and_says_so(shop: Shop) -> None:
    report = shop.send(track("login"))
    assert report.published == shop.bank.status().definitions
    assert shop.send(track("login")).published is None


def test_broken_files_are_not_published(shop: Shop) -> None:
    shop.write("features/all.yaml", "features:\n  a: {count: nosuch}\n")
    with pytest.raises(UserError):
        shop.send(track("login"))
    with pytest.raises(UserError):
        shop.bank.apply()
    with open_stores(shop.folder, read_only=False) as stores:
        assert stores.control.published() is None
