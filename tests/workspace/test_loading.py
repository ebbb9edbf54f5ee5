from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.shop import EVENTS, Shop, track

from onefold.core.errors import UserError
from onefold.workspace.loading import MAX_LINE

SOURCE = """
source: {name}
files: ${{data}}/{name}.csv
columns: {{day: date}}
records:
  - event: login
    customer: user:{{who}}
    time: day
    id: [no]
    when: kind = 'login'
"""


def with_sources(shop: Shop, folder: Path, *names: str) -> None:
    for name in names:
        shop.write(f"sources/{name}.yaml", SOURCE.format(name=name))
        (folder / f"{name}.csv").write_text(
            "no,day,who,kind\n1,2026-05-01,u1,login\n2,2026-05-02,u1,logout\n3,x,u1,login\n"
        )


def test_sources_load_in_the_order_of_their_names_with_counts_and_progress(shop: Shop, tmp_path: Path) -> None:
    with_sources(shop, tmp_path, "b", "a")
    seen: list[str] = []
    report = shop.bank.load({"data": str(tmp_path)}, progress=lambda what, *_: seen.append(what))
    assert [one.source for one in report.sources] == ["a", "b"]
    for one in report.sources:
        assert (one.read, one.accepted, one.new, one.rejected, one.skipped) == (2, 1, 1, 1, 1)
    assert [what for what in dict.fromkeys(seen) if what.startswith("Loading")] == ["Loading a", "Loading b"]
    assert shop.features("u1")["logins"] == 2


def test_variables_must_have_values(shop: Shop, tmp_path: Path) -> None:
    with_sources(shop, tmp_path, "a")
    with pytest.raises(UserError, match="--var data=DIR"):
        shop.bank.load()
    with pytest.raises(UserError, match="there is no such file"):
        shop.bank.load({"data": str(tmp_path / "nosuch")})


def test_the_published_sources_count_not_the_files(shop: Shop, tmp_path: Path) -> None:
    with_sources(shop, tmp_path, "a")
    shop.bank.load({"data": str(tmp_path)})
    with_sources(shop, tmp_path, "b")
    report = shop.bank.load({"data": str(tmp_path)})
    assert ([one.source for one in report.sources], report.draft_differs) == (["a"], True)
    shop.bank.apply()
    assert [one.source for one in shop.bank.load({"data": str(tmp_path)}).sources] == ["a", "b"]


@pytest.mark.parametrize("over", [-1, 0, 1, MAX_LINE])
def test_lines_around_the_bound(shop: Shop, over: int) -> None:
    report = shop.send(b"x" * (MAX_LINE + over) + b"\n", track("login"))
    assert (report.source("messages").read, report.rejected) == (2, 1)
    [kept] = shop.bank.rejections()
    assert kept.code == "too_large"


def test_a_conflict_is_replayed_as_it_came(shop: Shop) -> None:
    first = track("card_purchase", amount=1.25, id="m")
    shop.send(first)
    shop.send({**first, "properties": {"amount": 2.5}})
    before = [one.raw for one in shop.bank.rejections()]
    report = shop.bank.replay_rejected()
    assert (report.source("messages").read, report.rejected) == (1, 1)
    assert [one.raw for one in shop.bank.rejections()] == before
    assert '"amount":2.5' in before[0]


def test_a_rejection_whose_event_came_otherwise_is_resolved(shop: Shop) -> None:
    message = track("loan_paid", amount=5)
    shop.send(message)
    shop.write("events.yaml", EVENTS.replace("  login: {}", "  login: {}\n  loan_paid: {amount: money}"))
    shop.bank.apply()
    shop.send(message)
    assert len(shop.bank.rejections()) == 1
    report = shop.bank.replay_rejected()
    assert (report.source("messages").accepted, report.source("messages").new) == (1, 0)
    assert shop.bank.rejections() == []


def test_many_rows_are_replayed_in_one_go_and_each_is_judged_by_itself(shop: Shop, tmp_path: Path) -> None:
    with_sources(shop, tmp_path, "a")
    days = ["01.05.2026" if at % 3 else "never" for at in range(900)]
    rows = [f"{at},{day},u{at % 5},login" for at, day in enumerate(days)]
    rows.insert(450, "torn,row")
    (tmp_path / "a.csv").write_text("\n".join(["no,day,who,kind", *rows]) + "\n")
    report = shop.bank.load({"data": str(tmp_path)})
    assert (report.sources[0].read, report.rejected) == (901, 901)
    formats = 'day: {type: date, format: ["%Y-%m-%d", "%d.%m.%Y"]}'
    shop.write("sources/a.yaml", SOURCE.format(name="a").replace("day: date", formats))
    shop.bank.apply()
    [done] = shop.bank.replay_rejected({"data": str(tmp_path)}).sources
    assert (done.read, done.accepted, done.new, done.rejected) == (901, 600, 600, 301)
    left = [one.raw for one in shop.bank.rejections(limit=1000)]
    assert len(left) == 301
    assert sum("never" in raw for raw in left) == 300
    assert sum(shop.features(f"u{at}")["logins"] for at in range(5)) == 600
