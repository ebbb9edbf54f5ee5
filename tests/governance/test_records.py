"""Records: what goes in comes out, nothing shows outside, erased is erased."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.adapters.files.master import MasterKey
from onefold.adapters.files.memory import MemoryStorage
from onefold.adapters.files.vault import FileVault
from onefold.core.errors import CorruptionError, FormatError, UserError
from onefold.core.event import Event
from onefold.core.ids import Identifier, pseudonym
from onefold.governance.records import Kind, Publication, Record, RecordCodec, Rejection, Resolved

MASTER = MasterKey.derive(bytes(range(32)))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
decimals = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal(text) for text in ("5", "5.00", "-0", "-0.0", "1E+2", "1E+400", "0E-12", "0E+3", "12345678901234567890.5")]
)
scalars = st.none() | st.booleans() | st.integers() | decimals | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
events = st.builds(
    Event,
    node=texts.filter(bool).map(lambda text: f"user:{text}"),
    name=texts,
    time=st.integers(-(2**62), 2**62),
    message_id=texts,
    properties=st.dictionaries(texts, values, max_size=4),
    order=st.integers(-(2**62), 2**62),
    alias=st.none() | texts,
    context=st.dictionaries(texts, values, max_size=2),
)


def codec_of(vault: FileVault | None = None) -> RecordCodec:
    return RecordCodec(vault or FileVault(MemoryStorage(), MASTER), MASTER.workspace_key)


def kinds_of(
    value: Any,
) -> Any:  # the types as well as the values: 5, Decimal("5") and True are equal to Python
    if isinstance(value, dict):
        return {key: kinds_of(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [kinds_of(inner) for inner in value]
    return type(value), str(value)


@settings(deadline=None, max_examples=200)
@given(events, st.integers(-(2**62), 2**62))
def test_an_event_survives_to_the_digit(event: Event, known_at: int) -> None:
    codec = codec_of()
    record = codec.decode(codec.encode(event, known_at))
    assert record == Record(Kind.EVENT, codec.node(event.node), known_at, event)
    assert record.event is not None
    assert kinds_of(record.event.properties) == kinds_of(event.properties)
    assert kinds_of(record.event.context) == kinds_of(event.context)


def sample() -> Event:
    properties: dict[str, Any] = {"amount": Decimal("12.30"), "iban": "CZ6508000000192000145399"}
    return Event(node="user:jana-4473", name="card_purchase", time=99, message_id="message-0001", properties=properties)


def test_nothing_of_the_event_shows_in_the_payload() -> None:
    payload = codec_of().encode(sample(), 5)
    for canary in (
        b"jana",
        b"4473",
        b"card_purchase",
        b"message-0001",
        b"amount",
        b"12.30",
        b"CZ65",
        b"1230",
    ):
        assert canary not in payload


def test_the_node_is_the_pseudonym_of_the_identifier() -> None:
    codec = codec_of()
    expected = pseudonym(MASTER.workspace_key, Identifier.parse("user:jana-4473"))
    assert codec.node("user:jana-4473") == expected
    assert codec.peek(codec.encode(sample(), 5)) == (Kind.EVENT, expected, 5)
    assert codec.node("account:a:b") == pseudonym(MASTER.workspace_key, Identifier("account", "a:b"))


def test_after_erasure_the_record_stands_and_the_event_is_gone() -> None:
    vault = FileVault(MemoryStorage(), MASTER)
    codec = codec_of(vault)
    payload = codec.encode(sample(), 5)
    vault.destroy(codec.node("user:jana-4473"))
    erased = Record(Kind.EVENT, codec.node("user:jana-4473"), 5)
    assert codec.decode(payload) == erased
    assert codec.decode(codec.husk(payload)) == erased
    assert codec.decode(codec.encode(sample(), 6)).event == sample()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            Rejection(source="trans", code="type", detail="amount: no number", raw=b"1;\xff;x\n"),
            Kind.REJECTION,
        ),
        (Publication(definitions="ab12", content=b"{}"), Kind.PUBLICATION),
        (Resolved(rejection=17), Kind.RESOLVED),
    ],
)
def test_other_kinds_survive_sealed(body: Rejection | Publication | Resolved, kind: Kind) -> None:
    codec = codec_of()
    payload = codec.encode_other(body, 8)
    record = codec.decode(payload)
    assert (record.kind, record.known_at, record.event, record.body) == (kind, 8, None, body)
    assert b"amount" not in payload
    assert b"trans" not in payload


def test_every_flipped_bit_of_a_payload_is_noticed() -> None:
    codec = codec_of()
    payload = codec.encode(sample(), 5)
    for bit in range(len(payload) * 8):
        flipped = bytearray(payload)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CorruptionError, FormatError)):
            codec.decode(bytes(flipped))


def test_what_a_newer_release_wrote_is_refused() -> None:
    codec = codec_of()
    payload = codec.encode(sample(), 5)
    for newer in (b"\x02" + payload[1:], payload[:1] + b"\x09" + payload[2:]):
        with pytest.raises(FormatError, match="newer release"):
            codec.decode(newer)
    with pytest.raises(CorruptionError):
        codec.decode(payload[:9])


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("-Infinity"), float("nan"), "\ud800", {"deep": ["\udfff"]}, object()]
)
def test_what_is_no_json_is_the_users_error(value: object) -> None:
    event = Event(node="user:7", name="n", time=0, message_id="m", properties={"a": value})
    with pytest.raises(UserError, match="Send JSON values"):
        codec_of().encode(event, 0)


def test_a_float_comes_back_as_its_decimal() -> None:
    codec = codec_of()
    event = Event(node="user:7", name="n", time=0, message_id="m", properties={"a": 0.1, "b": 1e300, "c": 2.0})
    record = codec.decode(codec.encode(event, 0))
    assert record.event is not None
    assert [str(value) for value in record.event.properties.values()] == ["0.1", "1E+300", "2.0"]
