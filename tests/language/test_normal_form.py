"""NOT pushed to the leaves, by name; that no value changes is shown on generated trees in test_agreement."""

from __future__ import annotations

import pytest

from onefold.language.ast import Kind
from onefold.language.normal import push_not
from onefold.language.parse import parse
from onefold.language.scope import Scope

SCOPE = Scope({"n": Kind.NUMBER, "c": Kind.CATEGORY, "a": Kind.BOOLEAN, "b": Kind.BOOLEAN})


@pytest.mark.parametrize(
    ("text", "pushed"),
    [
        ("NOT NOT a", "a"),
        ("NOT a", "NOT a"),
        ("NOT (a AND NOT b)", "NOT a OR b"),
        ("NOT (a OR (b AND n > 1))", "NOT a AND (NOT b OR n <= 1)"),
        ("NOT (a OR NOT (b AND n > 1))", "NOT a AND b AND n > 1"),
        ("NOT n = 1", "n <> 1"),
        ("NOT n <> 1", "n = 1"),
        ("NOT n < 1", "n >= 1"),
        ("NOT n <= 1", "n > 1"),
        ("NOT n >= 1", "n < 1"),
        ("n NOT BETWEEN 1 AND 2", "n < 1 OR n > 2"),
        (
            "NOT (c IN ('x') OR c LIKE 'y' OR c IS NULL)",
            "c NOT IN ('x') AND c NOT LIKE 'y' AND c IS NOT NULL",
        ),
        ("CASE WHEN NOT (a OR b) THEN 1 ELSE 2 END > 1", "CASE WHEN NOT a AND NOT b THEN 1 ELSE 2 END > 1"),
        ("NOT COALESCE(NOT (a AND b), a)", "NOT COALESCE(NOT a OR NOT b, a)"),
        ("(NOT (a AND b)) IS NULL", "(NOT a OR NOT b) IS NULL"),
    ],
)
def test_pushed(text: str, pushed: str) -> None:
    assert push_not(parse(text, SCOPE)) == parse(pushed, SCOPE)
