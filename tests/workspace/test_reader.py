from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.acceptance.shop import Shop, page, track

from onefold.core.errors import UserError
from onefold.features.engine import FOREVER
from onefold.profiles.layout import Layout
from onefold.workspace import reader as module
from onefold.workspace.publishing import published_definitions
from onefold.workspace.reader import Reader
from onefold.workspace.stores import open_stores


@contextmanager
def reading(shop: Shop) -> Iterator[Reader]:
    shop.bank.close()
    with open_stores(shop.folder, read_only=True) as stores:
        definitions = published_definitions(stores)
        timelines = stores.timelines(Layout(definitions.schema))
        try:
            yield Reader(stores, timelines, definitions)
        finally:
            timelines.close()


def test_everybody_says_what_each_one_says(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNKS_A_READ", 1)
    monkeypatch.setattr("onefold.profiles.timeline.PEOPLE_A_CHUNK", 7)
    shop.send(*(track("login", f"2026-05-04T09:00:{at % 60:02}Z", f"u{at % 23}") for at in range(200)))
    shop.send(*(page("/x", "2026-05-01", f"u{at}" if at % 2 else None, anon=f"a{at}") for at in range(20)))
    with reading(shop) as reader:
        now = shop.clock()
        found, chunks = {}, 0
        for roots, genomes in reader.everybody(now=now, visitors=True):
            chunks += 1
            found.update({name: genomes.values(at) for at, name in enumerate(reader.names(roots))})
        assert chunks > 3
        assert set(found) == {f"user:u{at}" for at in range(23)} | {f"anon:a{at}" for at in range(0, 20, 2)}
        for name, values in found.items():
            assert values == reader.genome(name, now=now).features
        assert sum(len(roots) for roots, _ in reader.everybody(now=now)) == 23
        assert reader.population() == (23, 10)


def test_nobody_has_the_columns_of_everybody(shop: Shop) -> None:
    shop.bank.apply()
    shop.bank.status()
    with reading(shop) as reader:
        assert list(reader.everybody(now=0)) == []
        assert len(reader.nobody(0)) == 0
        assert set(reader.nobody(0).columns) == set(reader.definitions.features.features)
        assert reader.population() == (0, 0)


def test_find(shop: Shop) -> None:
    shop.send(page("/x", "2026-05-01", anon="a1"))
    with reading(shop) as reader:
        assert reader.find("u1") == reader.find("user:u1") == reader.find("anon:a1") == reader.find(" u1 ")
        assert reader.find("anon:a1", known=0) != reader.find("u1", known=0)
        for name, why in (("u2", "no event of that name"), ("null", "placeholder"), ("A" * 500, "longer")):
            with pytest.raises(UserError, match=why):
                reader.find(name)


def test_texts_that_came_after_the_reader_was_made(shop: Shop) -> None:
    shop.write("features/kind.yaml", "features:\n  kind: {last: card_purchase.category}\n")
    shop.send(track("card_purchase", category="old"))
    assert shop.features("u1")["kind"] == "old"
    shop.send(track("card_purchase", "2026-05-05", category="new"))
    with reading(shop) as reader:
        assert reader.genome("u1", now=shop.clock(), known=FOREVER).features["kind"] == "new"


def test_as_of_is_the_newest_source_that_was_visible(shop: Shop) -> None:
    shop.send(track("login", "2026-05-01"), track("login", "2026-05-03"), track("login", "2027-01-01"))
    with reading(shop) as reader:

        def as_of(now: int, known: int = FOREVER) -> str | None:
            genome = reader.genome("u1", now=now, known=known, long=True)
            return {one.name: one.as_of for one in genome.about}["logins"]

        assert as_of(shop.clock()) == "2026-05-03T00:00:00Z"
        assert as_of(shop.clock(), known=shop.clock() - 1) is None
        assert as_of(0) is None
