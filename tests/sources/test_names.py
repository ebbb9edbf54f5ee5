from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.language.ast import Kind, Name
from onefold.language.parse import parse
from onefold.language.scope import Scope
from onefold.sources.names import SQL_WORDS, event_name, name_fault, path_of_url, path_without_query


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Card Purchase", "card_purchase"),
        ("card_purchase", "card_purchase"),
        ("cardPurchase", "card_purchase"),
        ("CARD-PURCHASE", "card_purchase"),
        ("  Loan -- paid  early! ", "loan_paid_early"),
        ("Order2Shipped", "order2shipped"),
        ("ATMWithdrawal", "atmwithdrawal"),
        ("Účet Založen", "účet_založen"),
        ("!!!", ""),
    ],
)
def test_event_names_are_snake_case(said: str, name: str) -> None:
    assert event_name(said) == name


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_name_is_its_own_name(said: str) -> None:
    once = event_name(said)
    assert event_name(once) == event_name(event_name(once))
    assert " " not in once
    assert not once.startswith("_")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://bank.example/cz/mortgage?x=1#y", "/cz/mortgage"),
        ("https://bank.example", "/"),
        ("https://bank.example?x=/a", "/"),
        ("/relative?x=1", "/relative"),
        ("relative", "/relative"),
    ],
)
def test_path_of_url(url: str, path: str) -> None:
    assert path_of_url(url) == path


def test_path_loses_its_query() -> None:
    assert path_without_query("/a?b=c&d=/e?f") == "/a"


@pytest.mark.parametrize("name", ["productId", "amount", "a1", "date", "type", "order", "group", "k_symbol", "end_on"])
def test_names_that_may_be_declared_work_in_expressions(name: str) -> None:
    assert name_fault(name, of_event=False) is None
    assert parse(name, Scope({name: Kind.NUMBER})) == Name(name, Kind.NUMBER)


@pytest.mark.parametrize("name", ["1st", "a b", "__class__", "a__b", "ř", "", "case", "WHEN", "x" * 61])
def test_names_that_may_not_be_declared(name: str) -> None:
    assert name_fault(name, of_event=False) is not None


def test_every_sql_word_is_refused_in_any_capitals() -> None:
    for word in SQL_WORDS:
        assert name_fault(word.upper(), of_event=False) is not None
