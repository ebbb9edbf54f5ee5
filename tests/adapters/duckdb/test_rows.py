from __future__ import annotations

import gzip
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from tests.sources.workbench import PRAGUE, candidates, codes, mapping_of, reading, schema_of

from onefold.adapters.duckdb.rows import read_source, replay
from onefold.core.errors import UserError
from onefold.core.event import Event
from onefold.core.instant import format_instant
from onefold.sources.raw import unpack

MAPPING = """
source: payments
files: ${data}/payments.csv
format: {separator: ";"}
columns: {amount: money, on: date}
records:
  - event: payment
    customer: client:{client}
    time: on
    id: [id]
    properties: {amount: amount, kind: kind}
"""
HEAD = "id;client;on;amount;kind\n"


def write(folder: Path, text: str | bytes, name: str = "payments.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def events(text: str, folder: Path) -> list[Event]:
    found = [each.event for each in candidates(text, folder) if each.event is not None]
    assert found
    return found


def test_a_row_becomes_an_event(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "7;42;2026-05-04;12.34;food\n")
    (event,) = events(MAPPING, tmp_path)
    assert event == Event(
        node="client:42",
        name="payment",
        time=event.time,
        message_id="payments/payment/7",
        properties={"amount": Decimal("12.34"), "kind": "food"},
    )
    assert format_instant(event.time) == "2026-05-03T22:00:00Z"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("\ufeff" + HEAD + "7;42;2026-05-04;1;žluť\r\n", "utf-8"),
        (HEAD.replace("\n", "\r\n") + '"7";"42";2026-05-04;"1";"žluť"', "utf-8"),
        (HEAD + "7;42;2026-05-04;1;žluť", "cp1250"),
        (HEAD + "7;42;2026-05-04;1;žluť\n", "utf-16"),
        (HEAD + "7;42;2026-05-04;1;žluť\n", "utf-16-le"),
        (HEAD + "7;42;2026-05-04;1;žluť\n", "iso-8859-2"),
    ],
)
@pytest.mark.parametrize("pack", ["plain", "gz", "zip"])
def test_encodings_line_ends_and_packings(tmp_path: Path, data: str, encoding: str, pack: str) -> None:
    body = data.encode(encoding)
    text = MAPPING.replace('separator: ";"', f'separator: ";", encoding: {encoding}')
    if pack == "plain":
        write(tmp_path, body)
    elif pack == "gz":
        write(tmp_path, gzip.compress(body), "payments.csv.gz")
    else:
        with zipfile.ZipFile(tmp_path / "payments.csv.zip", "w") as archive:
            archive.writestr("payments.csv", body)
    if pack != "plain":
        text = text.replace("payments.csv", f"payments.csv.{pack}")
    (event,) = events(text, tmp_path)
    assert event.properties == {"amount": Decimal("1.00"), "kind": "žluť"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"7;42;2026-05-04;12.345;food", "bad_column"),
        (b"7;42;2026-05-04;1_000;food", "bad_column"),
        (b"7;42;2026-05-04;90071992547409.92;food", "bad_column"),
        (b"7;42;2026-02-30;1;food", "bad_column"),
        (b"7;42;4.5.2026;1;food", "bad_column"),
        (b"7;;2026-05-04;1;food", "no_customer"),
        (b"7;null;2026-05-04;1;food", "placeholder_id"),
        (b"7;" + b"x" * 300 + b";2026-05-04;1;food", "bad_id"),
        (b"7;42;;1;food", "bad_time"),
        (b"7;42;1699-01-01;1;food", "bad_time"),
        (b";42;2026-05-04;1;food", "bad_column"),
        (b"7;42;2026-05-04;1;" + b"x" * 201, "bad_value"),
        (b"7;42;2026-05-04;1", "malformed_row"),
        (b"7;42;2026-05-04;1;food;more", "malformed_row"),
        (b'7;"42"x;2026-05-04;1;food', "malformed_row"),
        (b'7;42;2026-05-04;1;"food', "malformed_row"),
        (b"7;42;2026-05-04;1;fo\xffod", "malformed_row"),
        (b"7;42;2026-05-04;1;fo\x00od", "malformed_row"),
        (b"7;42;2026-05-04;1;fo\rod", "malformed_row"),
        (b"7;42;2026-05-04;1;" + b"x" * (3 << 20), "too_large"),
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_a_bad_row_is_kept_and_stops_nothing(tmp_path: Path, row: bytes, code: str, last: bool) -> None:
    good = b"%d;42;2026-05-04;1.00;food\n"
    write(tmp_path, HEAD.encode() + good % 1 + row + (b"" if last else b"\n" + good % 2 + good % 3))
    found = candidates(MAPPING, tmp_path)
    assert codes(found) == ["", code] + ([] if last else ["", ""])
    kept = unpack(found[1].raw)
    assert (kept.file, kept.line) == ("payments.csv", 3)
    if code == "too_large":
        assert kept.cut
    else:
        said = kept.content()
        assert (said if isinstance(said, bytes) else said.encode()).rstrip(b"\n") == row
    assert found[1].rejection is not None
    assert found[1].rejection.detail


def test_an_embedded_line_end_is_no_row_end(tmp_path: Path) -> None:
    write(tmp_path, HEAD + '7;42;2026-05-04;1;"a\nb;""c"""\n8;42;2026-05-04;1;x\n')
    assert [event.properties["kind"] for event in events(MAPPING, tmp_path)] == ['a\nb;"c"', "x"]


def test_an_open_quote_costs_one_row_even_over_blocks(tmp_path: Path) -> None:
    rows = [f"{at};42;2026-05-04;1;{'y' * 50}\n" for at in range(60_000)]
    rows[10] = '10;42;2026-05-04;1;"open\n'
    rows[59_990] = '59990;42;2026-05-04;1;"open\n'
    write(tmp_path, HEAD + "".join(rows))
    found = candidates(MAPPING, tmp_path)
    bad = [at for at, each in enumerate(found) if each.rejection is not None]
    assert len(found) == 60_000
    assert bad == [10, 59_990]


def test_when_skips_and_unknown_is_not_true(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "1;42;2026-05-04;1;a\n2;42;2026-05-04;1;\n3;42;2026-05-04;1;b\n")
    text = MAPPING.replace("    id: [id]", "    id: [id]\n    when: kind <> 'a'")
    run = reading(text, tmp_path)
    assert [each.event and each.event.message_id for each in run] == ["payments/payment/3"]
    assert (run.counts.rows, run.counts.used, run.counts.skipped) == (3, 1, 2)


def test_rows_without_id_are_told_by_their_content(tmp_path: Path) -> None:
    text = MAPPING.replace("    id: [id]\n", "")
    row = "1;42;2026-05-04;1;a\n"
    write(tmp_path, HEAD + row + row + "2;42;2026-05-04;1;a\n" + row)
    ids = [event.message_id for event in events(text, tmp_path)]
    assert len(set(ids)) == 4
    assert [one.rsplit("-", 1)[1] for one in ids] == ["0", "1", "0", "2"]
    assert ids[0].rsplit("-", 1)[0] == ids[1].rsplit("-", 1)[0] == ids[3].rsplit("-", 1)[0]
    write(tmp_path, "kind;on;amount;client;id;new\n" + "a;2026-05-04;1;42;2;\n")
    assert events(text, tmp_path)[0].message_id == ids[2]


def test_several_ids_cannot_collide(tmp_path: Path) -> None:
    text = MAPPING.replace("id: [id]", "id: [id, kind]")
    write(
        tmp_path,
        HEAD + "a/b;42;2026-05-04;1;c\na;42;2026-05-04;1;b/c\na;42;2026-05-04;1;\na;42;2026-05-04;1;%\n",
    )
    assert len({event.message_id for event in events(text, tmp_path)}) == 4


def test_all_kinds_of_property(tmp_path: Path) -> None:
    text = """
source: s
files: a.csv
columns:
  amount: {type: money, decimal: ",", group: " "}
  score: {type: number, decimal: ","}
  urgent: {type: boolean, yes: [A, ano], no: N}
  due: {type: date, format: ["%d.%m.%Y", "%Y%m%d"]}
  seen: instant
  local: {type: instant, format: "%d.%m.%Y %H:%M"}
  lat: number
  lon: number
records:
  - event: payment
    customer: "{ns}:{id}"
    time: local
    order: score * 2
    properties:
      amount: amount
      score: score
      kind: CONCAT(id, '-', ns)
      urgent: urgent
      due_on: due
      seen_at: seen
      took: seen - local
      shop: {latitude: lat, longitude: lon}
      note: id
"""
    text = text.replace('customer: "{ns}:{id}"', 'customer: "client:{ns}-{id}"')
    write(
        tmp_path,
        "ns,id,amount,score,urgent,due,seen,local,lat,lon\n"
        'x,1,"-1 234,50","0,5",ANO,4.5.2026,2026-05-04T09:00:00+02:00,04.05.2026 08:59,50.087,14.421\n'
        'x,2,"1\u00a0234,5",1,n,20260504,2026-05-04 09:00,29.03.2026 02:30,,14\n'
        "x,3,,,,,,04.05.2026 08:59,,\n",
        "a.csv",
    )
    first, second, third = events(text, tmp_path)
    assert first.node == "client:x-1"
    assert first.order == 1
    assert format_instant(first.time) == "2026-05-04T06:59:00Z"
    assert first.properties == {
        "amount": Decimal("-1234.50"),
        "score": Decimal("0.5"),
        "kind": "1-x",
        "urgent": True,
        "due_on": "2026-05-04",
        "seen_at": "2026-05-04T07:00:00Z",
        "took": "PT60S",
        "shop": {"latitude": Decimal("50.087"), "longitude": Decimal("14.421")},
        "note": "1",
    }
    assert second.properties["amount"] == Decimal("1234.50")
    assert second.properties["urgent"] is False
    assert second.properties["seen_at"] == "2026-05-04T07:00:00Z"
    assert "shop" not in second.properties
    assert format_instant(second.time) == "2026-03-29T01:00:00Z"
    assert third.properties == {"kind": "3-x", "note": "3"}


def test_bad_texts_of_typed_columns(tmp_path: Path) -> None:
    text = """
source: s
files: a.csv
columns: {value: TYPE}
records: [{event: payment, customer: "c:{id}", time: "DATE '2026-01-01'"}]
"""
    cases = {
        "number": ("1e400", "nan", "inf", "1_0", "0x1", "1,5", "--1", "9007199254740993"),
        '{type: number, decimal: ",", group: "."}': ("1.5", "1.23,5", "12.34.567", "1.2345", "1e5"),
        "instant": ("2026-13-01", "12:00", "2026-05-04T25:00", "2026-05-04T09:00:00+2", "x"),
        "boolean": ("yes", "1"),
        '{type: date, format: "%y%m%d"}': ("97088", "9708080", "970230", "97-8-8"),
    }
    for kind, values in cases.items():
        rows = "".join(f'{at},"{value}"\n' for at, value in enumerate(values, 5))
        write(tmp_path, "id,value\n" + rows, "a.csv")
        assert codes(candidates(text.replace("TYPE", kind), tmp_path)) == ["bad_column"] * len(values), kind


def test_traits_and_links(tmp_path: Path) -> None:
    text = """
source: clients
files: [a.csv]
records:
  - identify: {region: region, email: email}
    customer: client:{id}
    time: DATE '2026-01-01'
  - link: account:{account}
    customer: client:{id}
    time: DATE '2026-01-01'
    when: account IS NOT NULL
"""
    write(tmp_path, "id,region,email,account\n1,Prague,a@b.c,25\n2,,,\n", "a.csv")
    first, link, second = events(text, tmp_path)
    assert first.name == "identify"
    assert first.properties == {"region": "Prague", "email": "a@b.c"}
    assert (link.name, link.node, link.alias) == ("identity_linked", "client:1", "account:25")
    assert second.properties == {"region": None, "email": None}


LOOKUP = MAPPING.replace(
    "records:",
    "lookups:\n"
    "  owner: {files: disp.csv, key: account, on: client, columns: {since: date}, where: kind = 'OWNER'}\n"
    "  person: {files: person.csv, key: id, on: owner.person}\nrecords:",
).replace("client:{client}", "client:{person.number}")


def test_lookups_chain(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "1;9;2026-05-04;1;a\n2;8;2026-05-04;1;a\n3;7;2026-05-04;1;a\n")
    write(
        tmp_path,
        "account,person,kind,since\n9,p1,OWNER,2020-01-01\n9,p2,USER,\n8,p2,USER,\n7,p9,OWNER,\n",
        "disp.csv",
    )
    write(tmp_path, "id,number\np1,42\np2,43\n", "person.csv")
    found = candidates(LOOKUP, tmp_path)
    assert codes(found) == ["", "no_customer", "no_customer"]
    assert found[0].event is not None
    assert found[0].event.node == "client:42"
    assert found[1].rejection is not None
    assert "person.number" in found[1].rejection.detail


@pytest.mark.parametrize(
    ("disp", "why"),
    [
        ("account,person,kind,since\n9,p1,OWNER,\n9,p2,OWNER,\n", "such as '9'"),
        ("account,person,kind,since\n9,p1,OWNER,2020-02-30\n", "not of type date"),
        ("account,person,kind,since\n9,p1,OWNER\n", "fields"),
        ("account,person,since\n9,p1,\n", "no column `kind`"),
    ],
)
def test_an_unclean_lookup_is_refused(tmp_path: Path, disp: str, why: str) -> None:
    write(tmp_path, HEAD + "1;9;2026-05-04;1;a\n")
    write(tmp_path, disp, "disp.csv")
    write(tmp_path, "id,number\np1,42\n", "person.csv")
    with pytest.raises(UserError, match=why):
        list(reading(LOOKUP, tmp_path))


def test_replay_after_a_fix(tmp_path: Path) -> None:
    text = MAPPING.replace("    id: [id]\n", "")
    row = "2;42;4.5.2026;1;ok\n"
    write(tmp_path, HEAD + "1;42;2026-05-04;1;fine\n" + row + row)
    kept = [each.raw for each in candidates(text, tmp_path) if each.rejection]
    fixed_text = text.replace("on: date", 'on: {type: date, format: ["%Y-%m-%d", "%d.%m.%Y"]}')
    fixed = mapping_of(fixed_text)
    schema = schema_of()
    run = replay(fixed, kept, variables={}, base=tmp_path, schema=schema, zone=PRAGUE)
    again = [each.event for each in run]
    assert again == events(fixed_text, tmp_path)[1:]
    assert run.counts.events == 2
    still = replay(mapping_of(text), kept, variables={}, base=tmp_path, schema=schema, zone=PRAGUE)
    assert [each.raw for each in still] == kept


def test_replay_gives_back_only_the_record_that_failed(tmp_path: Path) -> None:
    text = MAPPING + "  - {link: 'account:{kind}', customer: 'client:{client}', time: on}\n"
    write(tmp_path, HEAD + "1;42;2026-05-04;1;null\n")
    found = candidates(text, tmp_path)
    assert codes(found) == ["", "placeholder_id"]
    run = replay(mapping_of(text), [found[1].raw], variables={}, base=tmp_path, schema=schema_of(), zone=PRAGUE)
    assert [(each.record, each.raw) for each in run] == [("link", found[1].raw)]


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("id;client;on;amount\n1;2;3;4\n", "no column `kind`"),
        ("id;client;on;amount;kind;Kind\n", "would both be called"),
        ('id;client;on;"amount\n', "header cannot be read"),
    ],
)
def test_a_file_that_is_not_ours(tmp_path: Path, header: str, why: str) -> None:
    write(tmp_path, header)
    with pytest.raises(UserError, match=why):
        list(reading(MAPPING, tmp_path))


def test_a_header_in_another_encoding(tmp_path: Path) -> None:
    write(tmp_path, "id;client;on;amount;kind;účet\n1;2;2026-05-04;4;5;6\n".encode("cp1250"))
    with pytest.raises(UserError, match="header cannot be read"):
        list(reading(MAPPING, tmp_path))


def test_empty_files_have_no_rows(tmp_path: Path) -> None:
    for text in ("", HEAD, HEAD.rstrip(), "\n\n" + HEAD + "\n\n"):
        write(tmp_path, text)
        assert candidates(MAPPING, tmp_path) == []


@pytest.mark.parametrize("body", [b"\0\n", b'1;"x', b"\xff\n\n\xff", b"\0\n1;42;2026-05-04;1;x\n"])
def test_a_file_without_header_may_begin_badly(tmp_path: Path, body: bytes) -> None:
    write(tmp_path, body)
    text = MAPPING.replace('separator: ";"', 'separator: ";", header: false, names: [id, client, "on", amount, kind]')
    found = codes(candidates(text, tmp_path))
    assert found == {b"\0\n": ["malformed_row"], b'1;"x': ["malformed_row"]}.get(
        body, ["malformed_row", "malformed_row" if b"\xff" in body else ""]
    )


def test_missing_files_and_variables(tmp_path: Path) -> None:
    mapping = mapping_of(MAPPING)
    with pytest.raises(UserError, match="--var data=DIR"):
        list(read_source(mapping, variables={}, base=tmp_path, schema=schema_of(), zone=PRAGUE))
    with pytest.raises(UserError, match="no such file"):
        list(reading(MAPPING, tmp_path))


def test_damaged_archives(tmp_path: Path) -> None:
    text = MAPPING.replace("payments.csv", "payments.csv.gz")
    whole = gzip.compress((HEAD + "1;42;2026-05-04;1;a\n" * 5000).encode())
    for data in (whole[:-20], b"not gzip"):
        write(tmp_path, data, "payments.csv.gz")
        with pytest.raises(UserError, match="unpacked"):
            list(reading(text, tmp_path))
    write(tmp_path, b"PK\x03\x04 no zip", "payments.csv.zip")
    with pytest.raises(UserError, match="unpacked"):
        list(reading(MAPPING.replace("payments.csv", "payments.csv.zip"), tmp_path))


def test_several_files_in_order_of_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "with [brackets]"
    folder.mkdir()
    for name in ("b", "a"):
        write(folder, HEAD + f"{name};42;2026-05-04;1;x\n", f"p_{name}.csv")
    text = MAPPING.replace("payments.csv", "p_*.csv")
    assert [event.message_id for event in events(text, folder)] == [
        "payments/payment/a",
        "payments/payment/b",
    ]


def test_progress_is_told(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "1;42;2026-05-04;1;x\n")
    told: list[tuple[int, int | None]] = []
    schema = schema_of()
    run = read_source(
        mapping_of(MAPPING),
        variables={"data": str(tmp_path)},
        base=tmp_path,
        schema=schema,
        zone=PRAGUE,
        progress=lambda done, total: told.append((done, total)),
    )
    assert len(list(run)) == 1
    assert told[-1] == (1, None)
