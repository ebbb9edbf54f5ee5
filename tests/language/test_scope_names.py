from __future__ import annotations

import re

import pytest

from onefold.core.errors import UserError
from onefold.core.types import ValueType
from onefold.language.ast import Kind, Name
from onefold.language.functions import REGISTRY
from onefold.language.functions.base import Reach
from onefold.language.parse import parse
from onefold.language.scope import MAPPING, STANDARD, Scope, has_kind, kind_of, nearest


def test_kinds_of_declared_types() -> None:
    usable = {value_type: kind_of(value_type) for value_type in ValueType if has_kind(value_type)}
    assert set(ValueType) - set(usable) == {ValueType.PLACE, ValueType.TEXT, ValueType.LIST}
    assert all(kind.value == value_type.value for value_type, kind in usable.items())
    with pytest.raises(ValueError, match="place"):
        kind_of(ValueType.PLACE)


def test_the_functions_are_those_of_the_specification() -> None:
    assert {"COALESCE", "NULLIF", "ABS", "ROUND", "LEAST", "GREATEST", "LENGTH", "LOWER"} == STANDARD
    added = {"SUBSTRING", "CONCAT", "NUMBER", "MAKE_DATE", "TO_DATE", "TO_INSTANT", "MOD", "TRIM", "UPPER"}
    assert added == MAPPING - STANDARD
    assert {name for name, function in REGISTRY.items() if function.reach is Reach.INTERNAL} == {"ADD_MONTHS"}
    assert all(name == function.name for name, function in REGISTRY.items())


def test_nearest_name() -> None:
    scope = Scope({"Amount": Kind.MONEY, "mortgage_views_7d": Kind.NUMBER})
    assert scope.nearest("amount") == "Amount"
    assert scope.nearest("morgage_view_7d") == "mortgage_views_7d"
    assert scope.nearest("zebra") is None
    assert nearest("LOWR", STANDARD) == "LOWER"


def test_a_reference_is_a_name_that_a_function_points_to() -> None:
    scope = Scope({"segment.young": Kind.BOOLEAN}, references={"IN_SEGMENT": "segment."})
    assert parse("in_segment('young')", scope) == Name("segment.young", Kind.BOOLEAN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("in_segment('yuong')", "Did you mean `young`?"),
        ("in_segment(young)", "it takes one name, written out"),
        ("in_segment('young', 'old')", "it takes one name, written out"),
        ("in_segmnt('young')", "Did you mean IN_SEGMENT?"),
    ],
)
def test_a_reference_that_points_nowhere_is_refused(text: str, said: str) -> None:
    scope = Scope({"segment.young": Kind.BOOLEAN}, references={"IN_SEGMENT": "segment."})
    with pytest.raises(UserError, match=re.escape(said)):
        parse(text, scope)
