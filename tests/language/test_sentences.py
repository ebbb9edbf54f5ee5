from __future__ import annotations

import pytest

from onefold.language.ast import Kind
from onefold.language.parse import parse
from onefold.language.scope import MAPPING, Scope
from onefold.language.sentence import sentence

NAMES = {
    "amount": Kind.MONEY,
    "visits_30d": Kind.NUMBER,
    "category": Kind.CATEGORY,
    "has_loan": Kind.BOOLEAN,
    "born": Kind.DATE,
    "seen": Kind.INSTANT,
    "context.page": Kind.CATEGORY,
}
SCOPE = Scope(NAMES, functions=MAPPING)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("amount > 100 AND category = 'travel'", "the amount is more than 100 and the category is travel"),
        ("amount >= 0.5 OR visits_30d < 3", "the amount is at least 0.5 or the visits 30d is less than 3"),
        (
            "has_loan AND (amount > 1 OR amount < -1)",
            "has loan is true and (the amount is more than 1 or the amount is less than -1)",
        ),
        ("NOT has_loan", "has loan is not true"),
        ("NOT (has_loan AND visits_30d = 1)", "has loan is not true or the visits 30d is not 1"),
        ("category IN ('a', 'b', NULL)", "the category is one of a, b or unknown"),
        ("category NOT IN ('a')", "the category is none of a"),
        ("context.page NOT LIKE '/x%'", "the context page does not look like /x%"),
        ("category IS NOT NULL", "the category is known"),
        ("category = ''", 'the category is ""'),
        ("born < DATE '2000-01-31'", "the born is before 2000-01-31"),
        ("CURRENT_DATE - born > 3 * (1 + 2)", "today minus the born is more than 3 times (1 plus 2)"),
        ("seen - seen > INTERVAL 1 HOUR", "the seen minus the seen is more than 1 hour"),
        ("seen > TIMESTAMP '2026-01-01T00:00:00Z'", "the seen is after 2026-01-01T00:00:00Z"),
        ("COALESCE(amount, 0) > 1", "the first known of the amount, 0 is more than 1"),
        ("CASE WHEN has_loan THEN 1 ELSE 2 END = 1", "(1 if the has loan; otherwise 2) is 1"),
        ("NOT COALESCE(has_loan, FALSE)", "it is not so that the first known of the has loan, false"),
        ("LOWER(category) = 'a'", "the category in lower case is a"),
    ],
)
def test_sentence(text: str, said: str) -> None:
    assert sentence(parse(text, SCOPE)) == said


def test_money_is_said_in_major_units_of_its_currency() -> None:
    assert sentence(parse("amount = 5", Scope(NAMES, money_scale=0)), money_scale=0) == "the amount is 5"
    assert sentence(parse("amount = 5", Scope(NAMES, money_scale=3)), money_scale=3) == "the amount is 5"
