"""What leaves the bank must not point at single people."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.shop import ONEFOLD, Shop, track

from onefold.core.errors import UserError

SEGMENTS = "segments:\n  seen: {when: logins > 0}\n  keen: {when: logins > 1}\n"


def test_a_segment_is_exported_from_its_least_size_on(tmp_path: Path) -> None:
    files = {"onefold.yaml": f"{ONEFOLD}min_size: 3\n", "segments/all.yaml": SEGMENTS}
    shop = Shop(tmp_path / "shop", files)
    shop.send(*(track("login", user=user) for user in ("a", "b", "c", "a", "b")))
    done = shop.bank.segments.export("seen", tmp_path / "seen.csv")
    assert done.customers == 3
    assert (tmp_path / "seen.csv").read_text().split() == ['"customer"', '"user:a"', '"user:b"', '"user:c"']
    with pytest.raises(UserError, match="fewer than 3 members"):
        shop.bank.segments.export("keen", tmp_path / "keen.csv")
    assert not (tmp_path / "keen.csv").exists()
    assert shop.bank.segments.members("keen") == ["user:a", "user:b"]
    assert [one.count for one in shop.bank.segments.sizes()] == [3, 2]
