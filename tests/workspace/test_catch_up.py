from __future__ import annotations

import shutil

import pytest
from tests.acceptance.shop import Shop, identify, page, track

from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.profiles.layout import Layout
from onefold.workspace import catch_up as module
from onefold.workspace.catch_up import behind, catch_up
from onefold.workspace.names import name_of
from onefold.workspace.publishing import published_definitions
from onefold.workspace.stores import open_stores


def filled(shop: Shop) -> None:
    shop.send(*(track("login", f"2026-05-04T09:00:{at:02}Z", f"u{at % 7}") for at in range(30)))
    shop.send(page("/a", "2026-05-01", None, anon="a1"), identify("2026-05-02", "u1", anon="a1", region="north"))
    shop.send(track("event_retracted", "2026-05-05", "u1", message_id="nosuch"))


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_what_the_log_gives_equals_what_the_load_put_there(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    filled(shop)
    monkeypatch.setattr(module, "BATCH", batch)
    with open_stores(shop.folder, read_only=True) as stores:
        layout = Layout(published_definitions(stores).schema)
        loaded, rebuilt = stores.timelines(layout), MemoryTimelines(layout)
        assert behind(stores, rebuilt) == stores.log.last()
        said: list[tuple[int, int | None]] = []
        catch_up(stores, rebuilt, layout, progress=lambda _, done, total: said.append((done, total)))
        assert behind(stores, rebuilt) == behind(stores, loaded) == 0
        assert said[-1] == (stores.log.last(), stores.log.last())
        nodes = dict(loaded.nodes())
        assert [(node, info.flags, info.members) for node, info in rebuilt.nodes()] == [
            (node, info.flags, info.members) for node, info in nodes.items()
        ]
        for node in nodes:
            assert rebuilt.rows(node).tobytes() == loaded.rows(node).tobytes()
            assert name_of(rebuilt, stores.vault, node) == name_of(loaded, stores.vault, node)
        assert sorted(rebuilt.texts()) == sorted(loaded.texts())
        catch_up(stores, rebuilt, layout)  # nothing to do
        loaded.close()


def test_status_tells_how_far_behind_only_while_it_is(shop: Shop) -> None:
    filled(shop)
    shop.bank.close()
    shutil.rmtree(shop.folder / ".onefold" / "timelines")
    status = shop.bank.status()
    assert (status.behind, status.customers, status.visitors) == (0, 7, 0)
