"""Segment-spec messages through ``load --messages``: what is taken, what is refused, and how it lands later."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.command import Onefold
from tests.acceptance.shop import EVENTS, Shop, identify, page, track

PAYLOAD = Path(__file__).parents[3] / "shared" / "data" / "segment-spec-payloads" / "track.json"


def test_every_kind_lands(shop: Shop) -> None:
    report = shop.send(
        track("Card Purchase", amount=12.34, category="travel", products=[{"sku": "a", "price": 2.5}, {"sku": "b"}]),
        page("/mortgage/fixed?token=1", "2026-05-31T09:00:00Z"),
        identify(region="north", income=2500, email="ann@example.com", shoe_size=38),
        track("login", "2026-05-30T12:00:00Z"),
        {"type": "alias", "userId": "u1", "previousId": "a1", "messageId": "al", "timestamp": "2026-05-01T00:00:00Z"},
        track("login", "2026-04-01T00:00:00Z", user=None, anon="a1"),
    )  # fmt: skip
    assert (report.source("messages").read, report.rejected) == (6, 0)
    assert report.undeclared == {"traits.shoe_size": 1}
    found = shop.features("u1")
    assert str(found["spend"]) == "12.34"
    assert str(found["dearest"]) == "2.50"
    assert (found["purchases"], found["lines"], found["mortgage_views_7d"], found["logins"]) == (1, 2, 1, 2)
    assert (found["region"], str(found["income"]), found["days_since_login"]) == ("north", "2500.00", 2.0)


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz"])
def test_plain_and_gzipped_files(shop: Shop, onefold: Onefold, ending: str) -> None:
    path = shop.file([track("login"), track("login")], f"some.{ending}")
    done = onefold("load", "-w", shop.folder, "--messages", path, "--json").fine().json
    assert done["sources"] == [{"source": "messages", "read": 2, "accepted": 2, "new": 2, "rejected": 0, "skipped": 0}]
    assert done["published"]
    again = onefold("load", "-w", shop.folder, "--messages", path, "--json").fine().json
    assert (again["sources"][0]["accepted"], again["sources"][0]["new"], again["published"]) == (2, 0, None)
    assert shop.features("u1")["logins"] == 2


def test_several_files_in_one_call(shop: Shop, onefold: Onefold) -> None:
    first, second = shop.file([track("login")], "a.jsonl"), shop.file([track("login")], "b.jsonl.gz")
    onefold("load", "-w", shop.folder, "--messages", first, "--messages", second).fine()
    assert shop.features("u1")["logins"] == 2


BAD: list[tuple[str, bytes]] = [
    ("unknown_event", json.dumps(track("Loan Paid")).encode()),
    ("bad_value", json.dumps(track("card_purchase", amount="12.34")).encode()),
    ("bad_value", json.dumps(track("card_purchase", amount=12.345)).encode()),
    ("no_timestamp", b'{"type":"track","event":"login","userId":"u1","messageId":"x"}'),
    ("bad_time", json.dumps(track("login", "yesterday")).encode()),
    ("no_message_id", b'{"type":"track","event":"login","userId":"u1","timestamp":"2026-05-04"}'),
    ("no_customer", json.dumps(track("login", user=None)).encode()),
    ("unparseable", b"{not json"),
    ("unparseable", b"[1, 2]"),
    ("unparseable", b'{"a": "\xff"}'),
    ("bad_message", b'{"type":"buy","userId":"u1","messageId":"x","timestamp":"2026-05-04"}'),
    ("too_large", json.dumps(track("login", note="x" * 33 * 1024)).encode()),
    *(
        ("placeholder_id", json.dumps(track("login", user=name)).encode())
        for name in ("null", "undefined", "0", "anonymous", "[object Object]", "user:undefined", "N/A")
    ),
    ("placeholder_id", json.dumps(track("login", user=None, anon="undefined")).encode()),
]


@pytest.mark.parametrize(("code", "line"), BAD, ids=[f"{at}-{code}" for at, (code, _) in enumerate(BAD)])
def test_what_is_rejected(shop: Shop, code: str, line: bytes) -> None:
    report = shop.send(track("login"), line + b"\n", track("login"))
    assert (report.source("messages").read, report.rejected) == (3, 1)
    [kept] = shop.bank.rejections()
    assert (kept.code, kept.source) == (code, "messages")
    assert kept.detail
    assert kept.raw == line.decode("utf-8", "replace")[:200]
    assert shop.features("u1")["logins"] == 2


def test_odd_lines_that_are_fine(shop: Shop) -> None:
    login = json.dumps(track("login")).encode()
    report = shop.send(
        b"\xef\xbb\xbf" + login + b"\r\n",
        b"\r\n",
        b"   \n",
        json.dumps(track("login")).encode() + b"\r\n",
        b"\n",
        json.dumps(track("login")).encode(),  # no end of line at the end of the file
    )
    assert (report.source("messages").read, report.rejected) == (3, 0)
    assert shop.features("u1")["logins"] == 3


def test_a_line_that_never_ends_does_not_stop_the_rest(shop: Shop) -> None:
    report = shop.send(b"x" * 5_000_000 + b"\n", track("login"))
    assert (report.source("messages").read, report.rejected) == (2, 1)
    assert shop.features("u1")["logins"] == 1


def test_an_empty_file(shop: Shop) -> None:
    report = shop.send()
    assert (report.source("messages").read, report.rejected) == (0, 0)


def test_late_messages_and_equal_ones_of_two_people(shop: Shop) -> None:
    shop.send(track("login", "2026-05-30T12:00:00Z", id="m"))
    assert shop.features("u1", "2026-05-31T12:00:00Z")["days_since_login"] == 1
    report = shop.send(
        track("login", "2026-05-31T00:00:00Z", id="late"), track("login", "2026-05-30T12:00:00Z", user="u2", id="m")
    )  # fmt: skip
    assert report.source("messages").new == 2
    assert shop.features("u1", "2026-05-31T12:00:00Z")["days_since_login"] == 0.5
    assert shop.features("u2", "2026-05-31T12:00:00Z")["days_since_login"] == 1


def test_a_duplicate_has_no_effect_and_a_conflict_is_rejected(shop: Shop) -> None:
    first = track("card_purchase", amount=10.5, category="travel", id="m")
    shop.send(first, first)
    report = shop.send(first)
    assert (report.source("messages").accepted, report.source("messages").new) == (1, 0)
    other = {**first, "properties": {"amount": 11.25, "category": "travel"}}
    report = shop.send(other, other)
    assert (report.source("messages").read, report.rejected) == (2, 2)
    [kept] = shop.bank.rejections()
    assert kept.code == "conflict"
    assert '"amount":11.25' in kept.raw  # as a number, as it came
    assert str(shop.features("u1")["spend"]) == "10.50"
    assert shop.bank.replay_rejected().rejected == 1  # the first one stays what counts
    assert str(shop.features("u1")["spend"]) == "10.50"


def test_how_a_number_is_written_makes_no_conflict(shop: Shop) -> None:
    written = json.dumps(track("card_purchase", amount=10.5, id="m")).encode()
    report = shop.send(written + b"\n", written.replace(b"10.5", b"10.50") + b"\n")
    assert (report.source("messages").accepted, report.rejected) == (2, 0)


def test_a_fix_and_a_replay_land_each_rejected_message_once(shop: Shop, onefold: Onefold) -> None:
    shop.send(track("Loan Paid", amount=5), track("loan_paid", amount=7), track("login"), b"{broken\n")
    assert shop.bank.status().rejected == {"unknown_event": 2, "unparseable": 1}
    listed = onefold("rejected", "list", "-w", shop.folder, "--json").fine().json
    assert [one["code"] for one in listed] == ["unknown_event", "unknown_event", "unparseable"]
    assert listed[0].keys() == {"number", "source", "code", "detail", "raw"}
    assert json.loads(listed[0]["raw"])["event"] == "Loan Paid"

    assert onefold("rejected", "replay", "-w", shop.folder, "--json").fine().json["sources"][0]["accepted"] == 0
    shop.write("events.yaml", EVENTS.replace("  login: {}", "  login: {}\n  loan_paid: {amount: money}"))
    shop.write("features/loans.yaml", "features:\n  repaid: {sum: loan_paid.amount}\n")
    assert onefold("apply", "-w", shop.folder, "--json").fine().json["changed"] is True
    done = onefold("rejected", "replay", "-w", shop.folder, "--json").fine().json["sources"]
    assert done == [{"source": "messages", "read": 3, "accepted": 2, "new": 2, "rejected": 1, "skipped": 0}]
    assert [one.code for one in shop.bank.rejections()] == ["unparseable"]
    assert shop.bank.status().rejected == {"unparseable": 1}
    assert str(shop.features("u1")["repaid"]) == "12.00"
    again = onefold("rejected", "replay", "-w", shop.folder, "--json").fine().json["sources"]
    assert [(one["read"], one["new"]) for one in again] == [(1, 0)]
    assert str(shop.features("u1")["repaid"]) == "12.00"


def test_declaring_a_property_later_finds_it_in_the_log(shop: Shop) -> None:
    report = shop.send(track("login", device="phone"), track("login", device="tablet"))
    assert report.undeclared == {"login.device": 2}
    shop.write("events.yaml", EVENTS.replace("  login: {}", "  login: {device: category}"))
    shop.write("features/more.yaml", "features:\n  devices: {distinct: login.device}\n")
    shop.bank.apply()
    assert shop.features("u1")["devices"] == 2
    assert shop.features("u1")["logins"] == 2


MAPPING = """
source: purchases
files: ${data}/purchases.csv
columns: {day: date, amount: money}
records:
  - event: card_purchase
    customer: user:{who}
    time: day
    id: [no]
    properties: {amount: amount, category: kind}
"""


def test_rejected_rows_land_once_after_a_fix(shop: Shop, onefold: Onefold, tmp_path: Path) -> None:
    (tmp_path / "purchases.csv").write_text(
        "no,day,who,amount,kind\n1,2026-05-04,u1,10.00,food\n2,04.05.2026,u1,20.00,food\n"
        "3,2026-05-05,null,30.00,food\n4,2026-05-06,u1,x,food\n5,2026-05-07,u1,1.00\n"
    )
    shop.write("sources/purchases.yaml", MAPPING)
    load = ("load", "-w", shop.folder, "--var", f"data={tmp_path}", "--json")
    for new in (1, 0):
        [done] = onefold(*load).fine().json["sources"]
        assert (done["read"], done["accepted"], done["new"], done["rejected"]) == (5, 1, new, 4)
    assert onefold("status", "-w", shop.folder, "--json").fine().json["rejected"] == {
        "bad_column": 2, "placeholder_id": 1, "malformed_row": 1,
    }  # fmt: skip
    raws = [one["raw"] for one in onefold("rejected", "list", "-w", shop.folder, "--json").fine().json]
    assert any("04.05.2026" in raw for raw in raws)

    formats = 'day: {type: date, format: ["%Y-%m-%d", "%d.%m.%Y"]}'
    shop.write("sources/purchases.yaml", MAPPING.replace("day: date", formats))
    onefold("apply", "-w", shop.folder).fine()
    replay = ("rejected", "replay", "-w", shop.folder, "--var", f"data={tmp_path}", "--json")
    [done] = onefold(*replay).fine().json["sources"]
    assert (done["read"], done["accepted"], done["new"], done["rejected"]) == (4, 1, 1, 3)
    [done] = onefold(*load).fine().json["sources"]
    assert (done["read"], done["accepted"], done["new"]) == (5, 2, 0)
    [done] = onefold(*replay).fine().json["sources"]
    assert (done["read"], done["accepted"]) == (3, 0)
    assert str(shop.features("u1")["spend"]) == "30.00"


def test_a_large_replay_is_batched(shop: Shop) -> None:
    shop.send(*(track("loan_paid", amount=at) for at in range(3000)))
    shop.write("events.yaml", EVENTS.replace("  login: {}", "  login: {}\n  loan_paid: {amount: money}"))
    shop.write("features/loans.yaml", "features:\n  repaid: {sum: loan_paid.amount}\n")
    shop.bank.apply()
    before = shop.bank.status().records
    shop.bank.replay_rejected()
    assert shop.bank.status().records == before + 3000
    assert shop.features("u1")["repaid"] == sum(range(3000))
    assert shop.bank.rejections() == []


def test_a_broken_gzip_keeps_what_came_before(shop: Shop, onefold: Onefold) -> None:
    path = shop.file([track("login", f"2026-05-04T09:{at:02}:00Z") for at in range(60)], "cut.jsonl.gz")
    whole = path.read_bytes()
    path.write_bytes(gzip.compress(gzip.decompress(whole) + b"\n" * 200_000)[:-9])
    done = onefold("load", "-w", shop.folder, "--messages", path)
    assert done.status == 1
    assert "broken" in done.err
    assert "What came before is loaded" in done.err
    assert shop.features("u1")["logins"] == 60
    path.write_bytes(whole)
    onefold("load", "-w", shop.folder, "--messages", path).fine()
    assert shop.features("u1")["logins"] == 60


def test_a_file_that_is_not_there(shop: Shop, onefold: Onefold, tmp_path: Path) -> None:
    for path in (tmp_path / "no.jsonl", tmp_path / "no.jsonl.gz", tmp_path):
        done = onefold("load", "-w", shop.folder, "--messages", path)
        assert done.status == 1
        assert str(path) in done.err


@pytest.mark.skipif(not PAYLOAD.is_file(), reason="real data not present: ../shared/data")
def test_the_payload_of_the_segment_spec(shop: Shop) -> None:
    payload: dict[str, Any] = json.loads(PAYLOAD.read_text())
    report = shop.send(payload)
    assert (report.source("messages").accepted, report.rejected) == (1, 0)
    shop.write("features/course.yaml", "features:\n  course: {last: course_clicked.title}\n")
    shop.bank.apply()
    genome = shop.bank.genome(payload["userId"], at="2015-12-12T19:11:01.249Z")
    assert genome.features["course"] == "Intro to Analytics"
    assert genome.customer == f"user:{payload['userId']}"
    assert shop.bank.genome(f"anon:{payload['anonymousId']}").customer == genome.customer
    early = shop.bank.genome(payload["userId"], at="2015-12-12T19:11:01.248999Z")
    assert early.features["course"] is None
