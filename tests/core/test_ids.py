"""Names of customers, and the hashes that stand for them."""

from __future__ import annotations

import pytest

from onefold.core.ids import NULL, Identifier, message_hash, pseudonym, text_code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("4473", "user:4473"),
        ("client:2", "client:2"),
        ("anon:a1", "anon:a1"),
        ("user:a:b", "user:a:b"),
        ("Jan Novák", "user:Jan Novák"),
        ("http://x", "http://x"),
        ("A:1", "user:A:1"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert str(Identifier.parse(text)) == name


@pytest.mark.parametrize(
    "text",
    ["", " ", "null", "NULL", "undefined", "0", "000", "anonymous", "[object Object]", "user:null", "client:0",
     "-1", "None", "x" * 201, "a\nb", "a\x00"],
)  # fmt: skip
def test_names_that_many_people_share_or_nobody_has(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Identifier.parse(text)


def test_visitors_are_not_known() -> None:
    assert not Identifier.parse("anon:a1").known
    assert Identifier.parse("client:2").known


def test_pseudonyms_depend_on_the_key_and_the_whole_name() -> None:
    names = [Identifier("user", "12"), Identifier("user", "1"), Identifier("client", "12")]
    found = {pseudonym(key, name) for key in (b"a" * 32, b"b" * 32) for name in names}
    assert len(found) == 6
    assert {len(one) for one in found} == {16}


def test_codes() -> None:
    # the first 8 bytes of SHA-256
    assert text_code("travel") == int.from_bytes(bytes.fromhex("0209442e115ad7bc"), "big", signed=True)
    assert -(2**63) < text_code("") < 2**63
    assert text_code("x") != NULL
    assert 0 <= message_hash("m\ud800") < 2**64
