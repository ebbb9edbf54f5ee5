from __future__ import annotations

import pytest

from onefold.core.types import ValueType
from onefold.language.ast import Kind
from onefold.language.functions import REGISTRY
from onefold.language.functions.base import Reach
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
