from __future__ import annotations

from tests.acceptance.shop import Shop

from onefold.governance.records import Rejection
from onefold.workspace.rejects import SHOWN, Rejects
from onefold.workspace.stores import open_stores


def bad(raw: bytes, source: str = "messages", code: str = "bad_value") -> Rejection:
    return Rejection(source=source, code=code, detail="why", raw=raw)


def test_one_raw_text_of_one_source_is_kept_once(shop: Shop) -> None:
    with open_stores(shop.folder, read_only=False) as stores:
        rejects = Rejects(stores)
        rejects.add([bad(b"a"), bad(b"b"), bad(b"a")], now=1)
        rejects.add([bad(b"a", code="other"), bad(b"a", source="x"), bad(b"c")], now=2)
        assert len(rejects) == 4
        for found in (rejects, Rejects(stores)):
            assert [(number, body.source, body.raw) for number, body in found.items()] == [
                (1, "messages", b"a"), (2, "messages", b"b"), (3, "x", b"a"), (4, "messages", b"c"),
            ]  # fmt: skip


def test_what_is_resolved_is_gone_and_may_come_again(shop: Shop) -> None:
    with open_stores(shop.folder, read_only=False) as stores:
        rejects = Rejects(stores)
        rejects.add([bad(b"a"), bad(b"b", code="other")], now=1)
        rejects.resolve([1], now=2)
        rejects.resolve([], now=2)
        assert rejects.counts() == Rejects(stores).counts() == {"other": 1}
        rejects.add([bad(b"a")], now=3)
        assert [body.raw for _, body in Rejects(stores).items()] == [b"b", b"a"]


def test_the_list_is_bounded_and_shows_text(shop: Shop) -> None:
    with open_stores(shop.folder, read_only=False) as stores:
        rejects = Rejects(stores)
        rejects.add([bad(b"\xff" + b"x" * 1000), bad(b"b")], now=1)
        [one] = rejects.listed(limit=1)
        assert (one.number, one.code, one.detail) == (1, "bad_value", "why")
        assert one.raw == "\N{REPLACEMENT CHARACTER}" + "x" * (SHOWN - 1)
        assert len(rejects.listed(limit=5)) == 2
