"""What a function of the language is: its type rule and its four renderings, registered by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from onefold.core.calendar import Calendar
from onefold.language.ast import Call, Kind, Literal, Node
from onefold.language.columns import Column
from onefold.language.refusal import Refusal, in_words
from onefold.language.values import Evaluate

Typed = tuple[tuple[Node, ...], Kind]


class Reach(Enum):
    """Where a function may be written."""

    STANDARD = auto()  # in every expression
    MAPPING = auto()  # where raw records become events
    GENOME = auto()  # in expressions above a genome, which know the bank's calendar
    INTERNAL = auto()  # nowhere: it stands for an operator, such as date + INTERVAL 1 MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function.

    ``typed`` takes the arguments and the money scale, and returns them (literals fitted) with the result's
    kind, or raises :class:`Refusal`. The renderings take the typed call and its compiled arguments: closures
    over a row, columns, texts of SQL, phrases. All three backends agree to the last bit; NULL is None, NaN
    and NULL.

    A function of the calendar also has ``resolved``, which comes first: it takes the arguments as written and returns
    those of the call, so that the tree means the same wherever it goes: a period and the region of holidays become
    constants, today an argument. ``shown`` returns from a call the arguments as they were written.
    """

    name: str
    reach: Reach
    typed: Callable[[Sequence[Node], int], Typed]
    python: Callable[[Call, Sequence[Evaluate]], Evaluate]
    numpy: Callable[[Call, Sequence[Column]], Column]
    sql: Callable[[Call, Sequence[str]], str]
    sentence: Callable[[Sequence[str]], str]
    resolved: Callable[[Sequence[Node], Calendar], Sequence[Node]] | None = None
    shown: Callable[[Call], Sequence[Node]] = lambda call: call.arguments


REGISTRY: dict[str, Function] = {}


def register(function: Function) -> None:
    """Make a function known; a second one of the same name is a fault of ours."""
    assert function.name not in REGISTRY, f"{function.name} is registered twice"
    REGISTRY[function.name] = function


def expect_count(arguments: Sequence[Node], least: int, most: int, *, usage: str) -> None:
    """Refuse a wrong number of arguments."""
    if not least <= len(arguments) <= most:
        raise Refusal(f"it takes other arguments than these {len(arguments)}", f"Write {usage}.")


def expect_kind(arguments: Sequence[Node], at: int, *kinds: Kind) -> None:
    """Refuse an argument of another kind than those listed."""
    if arguments[at].kind not in kinds:
        wanted = " or ".join(in_words(kind) for kind in kinds)
        why = f"{wanted} belongs here, but this is {in_words(arguments[at].kind)}"
        raise Refusal(why, "Nothing is converted by itself: use a value of that kind.", operand=at)


def whole_constant(arguments: Sequence[Node], at: int, *, low: int, high: int) -> int:
    """Return an argument that must be a whole number written out, within bounds."""
    node = arguments[at]
    value = node.value if isinstance(node, Literal) and node.kind is Kind.NUMBER else None
    if isinstance(value, Decimal) and low <= value <= high and value == int(value):
        return int(value)
    raise Refusal("a whole number must be written out here", f"Use one from {low} to {high}.", operand=at)


def constant_text(arguments: Sequence[Node], at: int) -> str:
    """Return an argument that must be a text written out."""
    node = arguments[at]
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    raise Refusal("a text must be written out here", "Write it in quotes.", operand=at)


def whole_of(call: Call, at: int) -> int:
    """Return an argument of a typed call that is known to be a whole constant."""
    node = call.arguments[at]
    assert isinstance(node, Literal)
    assert isinstance(node.value, Decimal)
    return int(node.value)


def text_of(call: Call, at: int) -> str:
    """Return an argument of a typed call that is known to be a constant text."""
    node = call.arguments[at]
    assert isinstance(node, Literal)
    assert isinstance(node.value, str)
    return node.value
