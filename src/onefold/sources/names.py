"""Names as they arrive, and as Onefold writes them: events in snake case, page paths without their query."""

from __future__ import annotations

import re
from functools import lru_cache

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_GAP = re.compile(r"[\W_]+")
_EVENT_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PROPERTY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
MAX_NAME = 60

_SQL_WORDS = """
    all alter analyze and any as asc between by case create cross current_date current_time
    current_timestamp current_user delete desc describe distinct drop else end except exists false fetch
    for from glob grant having if ilike in inner insert intersect into is isnull join lateral like limit
    localtime map not notnull null offset on only or outer pivot qualify returning rlike select
    session_user set show similar summarize table tablesample then true union update using when where
    with
"""
SQL_WORDS = frozenset(_SQL_WORDS.split())
"""Words that an expression cannot use as a name, because SQL has another use for them."""


@lru_cache(maxsize=4096)
def event_name(text: str) -> str:
    """Return an event's name in snake case: split ``aA``, lower-case, runs of non-alphanumerics to ``_``.

    Underscores at either end fall away, so that "Card Purchase!" and "card_purchase" are one event.

    >>> event_name("Card Purchase"), event_name("cardPurchase"), event_name("  Loan-Paid (early) ")
    ('card_purchase', 'card_purchase', 'loan_paid_early')
    """
    return _GAP.sub("_", _HUMP.sub("_", text).lower()).strip("_")


def path_without_query(path: str) -> str:
    """Return a page's path without its query string, which may hold what nobody meant to keep.

    >>> path_without_query("/mortgage?token=abc#rates")
    '/mortgage'
    """
    return path.partition("?")[0]


def path_of_url(url: str) -> str:
    """Return the path of a URL, ``/`` where it has none.

    >>> path_of_url("https://bank.example/cz/mortgage?x=1"), path_of_url("https://bank.example")
    ('/cz/mortgage', '/')
    """
    head = re.split(r"[?#]", url, maxsplit=1)[0]
    scheme, separator, rest = head.partition("://")
    path = rest.partition("/")[1:] if separator else ("", scheme)
    found = "".join(path)
    return found if found.startswith("/") else f"/{found}"


def name_fault(name: str, *, of_event: bool) -> tuple[str, str] | None:
    """Return why a declared name cannot stand, and what to do about it; None where it can.

    Events are in snake case. Properties and traits keep the capitals of those who send them (``productId``).

    >>> name_fault("productId", of_event=False), name_fault("productId", of_event=True)
    (None, ('names of events are in snake case', 'Write `product_id`.'))
    """
    if len(name) > MAX_NAME:
        return f"a name has at most {MAX_NAME} characters", "Shorten it."
    if of_event:
        if not _EVENT_NAME.fullmatch(name):
            better = event_name(name)
            can = _EVENT_NAME.fullmatch(better) is not None
            remedy = f"Write `{better}`." if can else "Use a-z, 0-9 and _, beginning with a letter."
            return "names of events are in snake case", remedy
        return None
    if not _PROPERTY_NAME.fullmatch(name) or "__" in name:
        return "it is no name", "Use letters without accents, digits and single _, beginning with a letter."
    if name.lower() in SQL_WORDS:
        return (
            "expressions could not use it: it is a word of SQL",
            f"Call it `{name}_` or something more telling.",
        )
    return None
