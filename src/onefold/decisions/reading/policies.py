"""``policies.yaml``: contact policies, and how long a reservation counts."""

from __future__ import annotations

from onefold.core.document import Section
from onefold.core.instant import Span
from onefold.decisions.contact import REGISTRY, Policy
from onefold.decisions.expressions import Expressions
from onefold.decisions.words import span_of


def read_policies(file: Section, expressions: Expressions) -> tuple[tuple[Policy, ...], Span | None]:
    """Return the contact policies in the order of the file, and how long a reservation counts (None: not stated)."""
    file.only("policies")
    inner = file.section("policies")
    if inner is None:
        return (), None
    inner.only("contact", "reserve")
    policies = (_policy(section, expressions) for section in inner.sections_of("contact"))
    reserve = span_of(inner, "reserve", required=True, fixed=True) if "reserve" in inner else None
    return tuple(policy for policy in policies if policy is not None), reserve


def _policy(section: Section, expressions: Expressions) -> Policy | None:
    stated = [key for key in REGISTRY if key in section]
    if len(stated) != 1:
        why = f"it says several things at once: {', '.join(stated)}" if stated else "it says nothing that is known"
        section.problems.add("this policy", why, f"Give it exactly one of: {', '.join(REGISTRY)}.", section.place)
        return None
    return REGISTRY[stated[0]](section, expressions)
