from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.sources.workbench import PRAGUE, codes, schema_of

from onefold.core.event import Event
from onefold.core.instant import format_instant
from onefold.sources.contracts import check
from onefold.sources.lines import MAX_MESSAGE_BYTES, parse, read_messages
from onefold.sources.messages import event_of
from onefold.sources.rejections import Rejected, Rejection

REAL = Path(__file__).parents[3] / "shared" / "data" / "segment-spec-payloads" / "track.json"
BASE: dict[str, Any] = {
    "type": "track",
    "event": "Payment",
    "userId": "u1",
    "messageId": "m1",
    "timestamp": "2026-05-04T09:00:00Z",
    "properties": {"amount": Decimal("12.34")},
}


def made(**changes: object) -> Event:
    message = {key: value for key, value in {**BASE, **changes}.items() if value is not ...}
    event = event_of(message, zone=PRAGUE)
    check(event, schema_of())
    return event


def refused(**changes: object) -> str:
    with pytest.raises(Rejected) as caught:
        made(**changes)
    assert caught.value.detail
    return caught.value.code


def test_a_track_message() -> None:
    event = made(anonymousId="a1", context={"ip": "1.2.3.4"})
    assert (event.node, event.alias, event.name, event.message_id) == ("user:u1", "anon:a1", "payment", "m1")
    assert format_instant(event.time) == "2026-05-04T09:00:00Z"
    assert event.properties == {"amount": Decimal("12.34")}
    assert event.context == {"ip": "1.2.3.4"}
    assert event.order == 0


@pytest.mark.parametrize(
    ("user", "node"),
    [("42", "user:42"), (42, "user:42"), ("client:2", "client:2"), ("a:b:c", "a:b:c"), ("A:b", "user:A:b")],
)
def test_user_ids(user: object, node: str) -> None:
    assert made(userId=user).node == node


def test_a_visitor() -> None:
    for user in (..., None, ""):
        event = made(userId=user, anonymousId="a1")
        assert (event.node, event.alias) == ("anon:a1", None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"userId": ...}, "no_customer"),
        ({"userId": "undefined"}, "placeholder_id"),
        ({"userId": "null", "anonymousId": "a1"}, "placeholder_id"),
        ({"userId": 0}, "placeholder_id"),
        ({"userId": "[object Object]"}, "placeholder_id"),
        ({"anonymousId": "anonymous"}, "placeholder_id"),
        ({"userId": "anon:a1"}, "bad_id"),
        ({"userId": True}, "bad_id"),
        ({"userId": Decimal("1.5")}, "bad_id"),
        ({"userId": "x" * 201}, "bad_id"),
        ({"userId": "a\x00b"}, "bad_id"),
        ({"messageId": ...}, "no_message_id"),
        ({"messageId": ""}, "no_message_id"),
        ({"messageId": 5}, "no_message_id"),
        ({"messageId": "x" * 401}, "no_message_id"),
        ({"timestamp": ...}, "no_timestamp"),
        ({"timestamp": "yesterday"}, "bad_time"),
        ({"timestamp": 1_700_000_000}, "bad_time"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "bad_time"),
        ({"timestamp": "2200-01-01T00:00:00Z"}, "bad_time"),
        ({"event": "Unheard Of"}, "unknown_event"),
        ({"event": "identify"}, "unknown_event"),
        ({"event": "!!"}, "bad_message"),
        ({"event": ...}, "bad_message"),
        ({"type": "batch"}, "bad_message"),
        ({"type": ["track"]}, "bad_message"),
        ({"properties": []}, "bad_message"),
        ({"context": "x"}, "bad_message"),
        ({"properties": {"amount": "12.34"}}, "bad_value"),
        ({"properties": {"lines": [{"price": Decimal("1.234")}]}}, "bad_value"),
        ({"properties": {"other": "\ud800"}}, "bad_value"),
        ({"type": "page", "event": ..., "properties": {"path": "/" * 201}}, "bad_value"),
    ],
)
def test_refusals(changes: dict[str, object], code: str) -> None:
    assert refused(**changes) == code


def test_times_without_offset_are_meant_in_the_zone() -> None:
    assert format_instant(made(timestamp="2026-05-04T09:00:00").time) == "2026-05-04T07:00:00Z"
    assert format_instant(made(timestamp="2026-05-04").time) == "2026-05-03T22:00:00Z"


@pytest.mark.parametrize(
    ("properties", "context", "path"),
    [
        ({"path": "/a?b=c"}, {}, "/a"),
        ({"url": "https://x.example/a/b?c"}, {}, "/a/b"),
        ({}, {"page": {"path": "/p?q", "url": "https://x.example/z"}}, "/p"),
        ({}, {}, None),
    ],
)
def test_pages(properties: dict[str, Any], context: dict[str, Any], path: str | None) -> None:
    event = made(type="page", event=..., name="Home", properties=properties, context=context)
    assert event.name == "page_viewed"
    assert event.properties.get("path") == path
    assert event.properties["name"] == "Home"


def test_tracked_pages_lose_their_query_too() -> None:
    assert made(event="Page Viewed", properties={"path": "/a?token=1"}).properties == {"path": "/a"}


def test_identify_states_traits() -> None:
    event = made(type="identify", event=..., properties=..., traits={"region": "Prague", "income": None, "shoe": 43})
    assert event.name == "identify"
    assert event.properties["income"] is None
    assert check(event, schema_of()) == ["traits.shoe"]
    assert refused(type="identify", traits={"region": 5}) == "bad_value"


def test_screens_and_groups_are_events_to_be_declared() -> None:
    assert refused(type="screen", event=...) == "unknown_event"
    event = event_of({**BASE, "type": "group", "groupId": 7, "traits": {"plan": "x"}}, zone=PRAGUE)
    assert (event.name, event.properties) == ("group_joined", {"plan": "x", "group_id": "7"})
    assert refused(type="group") == "bad_message"


def test_alias_joins_a_visitor_to_a_customer() -> None:
    event = made(type="alias", event=..., properties=..., previousId="a1")
    assert (event.node, event.name, event.alias) == ("user:u1", "identity_linked", "anon:a1")
    assert made(type="alias", event=..., previousId="client:9").alias == "anon:client:9"
    assert refused(type="alias") == "bad_message"
    assert refused(type="alias", previousId="a1", userId=...) == "no_customer"


def test_links() -> None:
    event = made(event="Identity Linked", properties={"identifier": "account:25"}, anonymousId="a1")
    assert (event.name, event.alias) == ("identity_linked", "account:25")
    assert made(event="identity_unlinked", properties={"identifier": "account:25"}).alias == "account:25"
    assert refused(event="identity_linked", properties={}) == "bad_value"
    assert refused(event="identity_linked", properties={"identifier": "null"}) == "placeholder_id"
    assert refused(event="identity_linked", properties={"identifier": "user:u1"}) == "bad_id"


def test_reserved_events_say_what_they_must() -> None:
    said = {"purpose": "marketing", "status": "granted", "source": "web"}
    assert made(event="consent_changed", properties=said).properties == said
    assert refused(event="consent_changed", properties={**said, "status": "maybe"}) == "bad_value"
    assert refused(event="consent_changed", properties={"purpose": "marketing"}) == "bad_value"
    assert refused(event="event_retracted", properties={}) == "bad_value"
    assert made(event="event_retracted", properties={"message_id": "m0"}).name == "event_retracted"


def test_a_foreign_currency_is_refused() -> None:
    assert refused(event="converted", properties={"amount": 5, "currency": "USD"}) == "bad_value"
    assert made(event="converted", properties={"amount": 5, "currency": "CZK"}).properties["amount"] == 5
    assert made(event="converted", properties={"amount": 5}).properties["amount"] == 5


def test_undeclared_properties_are_kept_and_named() -> None:
    event = made(properties={"amount": 1, "colour": "red", "deep": {"a": [1]}})
    assert check(event, schema_of()) == ["payment.colour", "payment.deep"]
    assert event.properties["colour"] == "red"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"a": NaN}', "unparseable"),
        (b'{"a": 1e99999999999999999999}', "unparseable"),
        (b'{"a": "\xff"}', "unparseable"),
        (b'{"a": "x\x00"}', "unparseable"),
        (b'{"a": "\\ud800"}', "unparseable"),
        (b'{"a":' * 5000, "unparseable"),
        (b"[" * 5000 + b"]" * 5000, "unparseable"),
        (b'{"a": ' + b"9" * 5000 + b"}", "unparseable"),
        (b"{} {}", "unparseable"),
        (b'{"a": "' + b"x" * (1 << 20) + b'"}', "too_large"),
    ],
)
def test_hostile_lines(line: bytes, code: str) -> None:
    found = parse(line)
    assert isinstance(found, Rejection)
    assert found.code == code


def test_numbers_keep_their_own_text() -> None:
    assert repr(parse(b'{"a": 1.50, "b": 10000000000000000000001}')) == (
        "{'a': Decimal('1.50'), 'b': 10000000000000000000001}"
    )


def test_one_bad_line_stops_nothing() -> None:
    good = json.dumps({**BASE, "properties": {"amount": 12.34}}).encode()
    lines = [b"\xef\xbb\xbf" + good, b"", b"{", b"[]", good, b"x" * (MAX_MESSAGE_BYTES + 1)]
    found = list(read_messages(lines, schema=schema_of(), zone=PRAGUE))
    assert codes(found) == ["", "unparseable", "unparseable", "", "too_large"]
    assert [each.raw[:1] for each in found] == [b"", b"{", b"[", b"", b"x"]
    assert found[0].event == found[3].event


def test_a_huge_exponent_is_an_overflow_not_a_hang() -> None:
    line = json.dumps(BASE, default=str).replace('{"amount": "12.34"}', '{"amount": 1e999999}').encode()
    found = list(read_messages([line], schema=schema_of(), zone=PRAGUE))
    assert codes(found) == ["bad_value"]


def test_a_real_message() -> None:
    if not REAL.exists():
        pytest.skip("real data not present: ../shared/data")
    message = parse(REAL.read_bytes())
    event = event_of(message, zone=PRAGUE)
    assert (event.node, event.name) == ("user:AiUGstSDIg", "course_clicked")
    assert event.alias == "anon:23adfd82-aa0f-45a7-a756-24f2a7a4c895"


def test_a_customer_cannot_belong_to_a_visitor() -> None:
    link = {**BASE, "type": "track", "event": "identity_linked", "properties": {"identifier": "user:5"}}
    anonymous = {key: value for key, value in link.items() if key != "userId"} | {"anonymousId": "a1"}
    lines = [json.dumps(message, default=str).encode() for message in (link, anonymous)]
    found = list(read_messages(lines, schema=schema_of(), zone=PRAGUE))
    assert codes(found) == ["", "bad_id"]
