"""The closed syntax tree of the expression language (SEMANTICS section 4). Nothing outside these nodes exists.

Every node is a frozen value that carries its type. ``BETWEEN``, ``NOT IN``, ``NOT LIKE`` and ``IS NOT NULL`` are
written with ``AND`` and ``NOT`` over the nodes below, and a name is already resolved to what it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """The type of an expression. NULL alone has kind ``null``, which fits every other."""

    NUMBER = "number"
    MONEY = "money"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    DURATION = "duration"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant.

    ``value`` by kind: number ``Decimal``; money ``Decimal`` in *minor* units; category ``str``; boolean ``bool``;
    date ``datetime.date``; instant and duration ``int`` microseconds; null ``None``.
    """

    value: Decimal | str | bool | date | int | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Name:
    """A property, feature, trait, column or context key; ``age`` and ``context.page`` are names too."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Today:
    """CURRENT_DATE: the local date of ``now``."""

    kind: Kind = Kind.DATE


@dataclass(frozen=True, slots=True)
class Not:
    """NOT operand; unknown stays unknown."""

    operand: Node
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more operands."""

    operands: tuple[Node, ...]
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more operands."""

    operands: tuple[Node, ...]
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True)
class Compare:
    """left op right, op one of = <> < <= > >=, both sides of one kind; categories compare by code point."""

    op: str
    left: Node
    right: Node
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True)
class In:
    """operand IN (literals); with a NULL among them, what is not found is unknown."""

    operand: Node
    items: tuple[Literal, ...]
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True)
class Like:
    """operand LIKE pattern: % any run, _ any one code point, case-sensitive, no escape."""

    operand: Node
    pattern: str
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True)
class IsNull:
    """operand IS NULL; never unknown."""

    operand: Node
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """left op right, op one of + - * /; division by zero and results that are not finite are NULL."""

    op: str
    left: Node
    right: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class Negate:
    """Minus operand."""

    operand: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class Case:
    """CASE WHEN condition THEN value ... ELSE default END; the first condition that is true wins."""

    branches: tuple[tuple[Node, Node], ...]
    default: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the registry (COALESCE, NULLIF, ABS, ROUND, LEAST, GREATEST, LENGTH, LOWER ...), upper case."""

    function: str
    arguments: tuple[Node, ...]
    kind: Kind


Node = Literal | Name | Today | Not | And | Or | Compare | In | Like | IsNull | Arithmetic | Negate | Case | Call
