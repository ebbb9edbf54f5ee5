"""sqlglot's tree to our own, by a closed list of nodes and arguments: what is not listed is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sqlglot import exp

from onefold.core.errors import Problem
from onefold.language import rules
from onefold.language.ast import (
    And,
    Call,
    Case,
    In,
    IsNull,
    Kind,
    Like,
    Literal,
    Name,
    Negate,
    Node,
    Not,
    Or,
    Today,
)
from onefold.language.functions import REGISTRY
from onefold.language.grammar import first_index, index_of
from onefold.language.lexemes import Lexeme, Sort
from onefold.language.literals import negated
from onefold.language.refusal import Refusal, in_words
from onefold.language.scope import Scope, nearest

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_BINARY = frozenset(("this", "expression"))
_PRECEDENCE_ONLY = frozenset(("this",))
_ARGUMENTS: dict[type[exp.Expr], frozenset[str]] = {
    **dict.fromkeys((*_COMPARISONS, *_ARITHMETIC, exp.And, exp.Or, exp.Is), _BINARY),
    **dict.fromkeys((exp.Not, exp.Neg, exp.Paren, exp.Column), _PRECEDENCE_ONLY),
    exp.Between: frozenset(("this", "low", "high")),
    exp.In: frozenset(("this", "expressions")),
    exp.Like: frozenset(("this", "expression", "negate")),
    exp.Case: frozenset(("this", "ifs", "default")),
    exp.If: frozenset(("this", "true")),
    exp.Anonymous: frozenset(("this", "expressions")),
    exp.DPipe: frozenset(("this", "expression", "safe")),
}


class Poisoned(Exception):  # noqa: N818 - internal: its problem is already noted
    """A part is at fault and noted; whatever contains it is given up silently."""


class Converter:
    """Turns one tree into a typed node, noting every problem with the lexeme it stands at."""

    def __init__(self, lexemes: list[Lexeme], scope: Scope) -> None:
        self._lexemes, self._scope = lexemes, scope
        self.problems: list[tuple[int, Problem]] = []
        self._handlers: Mapping[type[exp.Expr], Callable[[exp.Expr], Node]] = {
            **dict.fromkeys(_COMPARISONS, self._compare),
            **dict.fromkeys(_ARITHMETIC, self._arithmetic),
            exp.And: self._junction,
            exp.Or: self._junction,
            exp.Not: lambda tree: Not(self._condition(tree.this)),
            exp.Neg: self._negate,
            exp.Paren: lambda tree: self.node(tree.this),
            exp.Column: lambda tree: self._leaf(self._lexeme(tree)),
            exp.Between: self._between,
            exp.In: self._in,
            exp.Like: self._like,
            exp.Is: lambda tree: IsNull(self.node(tree.this)),
            exp.Case: self._case,
            exp.Anonymous: self._call,
            exp.DPipe: self._concatenate,
        }

    def node(self, tree: exp.Expr) -> Node:
        """Return the typed node of a tree; raise :class:`Poisoned` where a problem was noted."""
        handler = self._handlers.get(type(tree))
        try:
            if handler is None:
                raise Refusal(f"{type(tree).__name__.upper()} is not part of the language", "Remove it.")
            self._only_known_arguments(tree)
            return handler(tree)
        except Refusal as refusal:
            raise self._noted(tree, refusal) from None

    def _noted(self, tree: exp.Expr, refusal: Refusal) -> Poisoned:
        at = max(first_index(tree), 0)
        lexeme = self._lexemes[at]
        what = f"`{lexeme.text[:60]}`"
        self.problems.append((lexeme.start, Problem(what, refusal.why, refusal.remedy)))
        return Poisoned()

    def _each(self, trees: list[exp.Expr]) -> list[Node]:
        """Convert several parts, so that the problems of all of them are noted before any poisons."""
        found: list[Node] = []
        for tree in trees:
            try:
                found.append(self.node(tree))
            except Poisoned:
                continue
        if len(found) < len(trees):
            raise Poisoned
        return found

    def _ruled(self, trees: list[exp.Expr], rule: Callable[[], Node]) -> Node:
        """Apply a type rule; a refusal that names an operand is noted at that operand."""
        try:
            return rule()
        except Refusal as refusal:
            at = refusal.operand
            if at is None or at >= len(trees):
                raise
            raise self._noted(trees[at], refusal) from None

    def _only_known_arguments(self, tree: exp.Expr) -> None:
        for key, value in tree.args.items():
            if value and key not in _ARGUMENTS[type(tree)]:
                raise Refusal(f"{key.upper()} is not part of the language", "Remove it.")

    def _lexeme(self, tree: exp.Expr) -> Lexeme:
        return self._lexemes[index_of(tree.name)]

    def _leaf(self, lexeme: Lexeme) -> Node:
        if lexeme.literal is not None:
            return lexeme.literal
        if lexeme.sort is Sort.LITERAL:
            return Today()
        if lexeme.sort is Sort.MONTHS:
            raise Refusal("a month or a year has no fixed length", "Add it to a date, or use DAY.")
        kind = self._scope.names.get(lexeme.text)
        if kind is None:
            raise Refusal("no such name is known here", self._scope.remedy(lexeme.text))
        return Name(lexeme.text, kind)

    def _condition(self, tree: exp.Expr) -> Node:
        node = self.node(tree)
        if node.kind not in (Kind.BOOLEAN, Kind.NULL):
            why = f"a condition belongs here, but this is {in_words(node.kind)}"
            raise self._noted(tree, Refusal(why, "Compare it with something, such as > 0 or = 'x'."))
        return node

    def _junction(self, tree: exp.Expr) -> Node:
        made = And if isinstance(tree, exp.And) else Or
        parts: list[exp.Expr] = []
        pending: list[exp.Expr] = [tree]
        while pending:
            part = pending.pop()
            if type(part) is type(tree):
                self._only_known_arguments(part)
                pending += (part.args["expression"], part.this)
            else:
                parts.append(part)
        operands: list[Node] = []
        for part in parts:
            try:
                operands.append(self._condition(part))
            except Poisoned:
                continue
        if len(operands) < len(parts):
            raise Poisoned
        flat = [inner for node in operands for inner in (node.operands if isinstance(node, made) else (node,))]
        return made(tuple(flat))

    def _compare(self, tree: exp.Expr) -> Node:
        trees = [tree.this, tree.args["expression"]]
        left, right = self._each(trees)
        op = _COMPARISONS[type(tree)]
        return self._ruled(trees, lambda: rules.compare(op, left, right, self._scope.money_scale))

    def _arithmetic(self, tree: exp.Expr) -> Node:
        op, trees = _ARITHMETIC[type(tree)], [tree.this, tree.args["expression"]]
        months = self._months(trees[1])
        if months is not None and op in ("+", "-"):
            return self._add_months(trees, months if op == "+" else -months)
        left, right = self._each(trees)
        return self._ruled(trees, lambda: rules.arithmetic(op, left, right, self._scope.money_scale))

    def _months(self, tree: exp.Expr) -> int | None:
        if not isinstance(tree, exp.Column):
            return None
        lexeme = self._lexeme(tree)
        return lexeme.months if lexeme.sort is Sort.MONTHS else None

    def _add_months(self, trees: list[exp.Expr], months: int) -> Node:
        day = self.node(trees[0])
        if day.kind is not Kind.DATE:
            why = f"months and years can be added to dates only, and this is {in_words(day.kind)}"
            raise self._noted(trees[0], Refusal(why, "Use INTERVAL n DAY."))
        return Call("ADD_MONTHS", (day, Literal(Decimal(months), Kind.NUMBER)), Kind.DATE)

    def _negate(self, tree: exp.Expr) -> Node:
        node = self.node(tree.this)
        if node.kind not in (Kind.NUMBER, Kind.MONEY, Kind.DURATION):
            raise Refusal(f"a minus cannot stand before {in_words(node.kind)}", "Remove it.")
        if isinstance(node, Literal):
            return negated(node)
        return Negate(node, node.kind)

    def _between(self, tree: exp.Expr) -> Node:
        trees = [tree.this, tree.args["low"], tree.args["high"]]
        node, low, high = self._each(trees)
        scale = self._scope.money_scale
        lower = self._ruled(trees[:2], lambda: rules.compare(">=", node, low, scale))
        upper = self._ruled([trees[0], trees[2]], lambda: rules.compare("<=", node, high, scale))
        return And((lower, upper))

    def _in(self, tree: exp.Expr) -> Node:
        trees = [tree.this, *tree.expressions]
        node, *items = self._each(trees)
        if not items or node.kind is Kind.NULL:
            raise Refusal("IN needs a value and a list of constants", "Write name IN ('a', 'b').")
        for at, item in enumerate(items, 1):
            if not isinstance(item, Literal):
                raise self._noted(trees[at], Refusal("IN takes constants only", "Use = and OR for the rest."))

        def rule() -> Node:
            (operand, *literals), _ = rules.fitted((node, *items), self._scope.money_scale)
            return In(operand, tuple(item for item in literals if isinstance(item, Literal)))

        return self._ruled(trees, rule)

    def _like(self, tree: exp.Expr) -> Node:
        trees = [tree.this, tree.args["expression"]]
        node, pattern = self._each(trees)
        for part, at in ((node, trees[0]), (pattern, trees[1])):
            if part.kind is not Kind.CATEGORY:
                raise self._noted(at, Refusal(f"LIKE compares texts, and this is {in_words(part.kind)}", "Use =."))
        if not isinstance(pattern, Literal):
            raise self._noted(trees[1], Refusal("the pattern of LIKE is a constant", "Write LIKE '...%'."))
        found = Like(node, str(pattern.value))
        return Not(found) if tree.args.get("negate") else found

    def _case(self, tree: exp.Expr) -> Node:
        branches: list[exp.Expr] = tree.args["ifs"]
        if not branches:
            raise Refusal("a CASE without WHEN", "Write CASE WHEN condition THEN value ELSE value END.")
        for branch in branches:
            self._only_known_arguments(branch)
        conditions = self._when(tree.this, [branch.this for branch in branches])
        values = [branch.args["true"] for branch in branches]
        if tree.args.get("default") is not None:
            values.append(tree.args["default"])
        nodes = self._each(values)
        if len(values) == len(branches):
            nodes.append(Literal(None, Kind.NULL))

        def rule() -> Node:
            fitted, kind = rules.fitted(nodes, self._scope.money_scale)
            if kind is Kind.NULL:
                raise Refusal("every result of the CASE is NULL", "Give it a value.")
            return Case(tuple(zip(conditions, fitted[:-1], strict=True)), fitted[-1], kind)

        return self._ruled(values, rule)

    def _when(self, subject: exp.Expr | None, trees: list[exp.Expr]) -> list[Node]:
        if subject is None:
            return [self._condition(tree) for tree in trees]
        node, *values = self._each([subject, *trees])
        scale = self._scope.money_scale
        return [
            self._ruled([subject, tree], lambda value=value: rules.compare("=", node, value, scale))  # type: ignore[misc]
            for tree, value in zip(trees, values, strict=True)
        ]

    def _call(self, tree: exp.Expr) -> Node:
        lexeme = self._lexeme(tree)
        name = lexeme.text.upper()
        if name in self._scope.references:
            return self._referred(name, list(tree.expressions))
        if name not in self._scope.functions or name not in REGISTRY:
            functions = self._scope.functions | self._scope.references.keys()
            close = nearest(name, functions)
            known = ", ".join(sorted(functions))
            remedy = f"Did you mean {close}?" if close else f"Use one of {known}."
            raise Refusal(f"there is no function {name[:60]} here", remedy)
        return self._called(name, list(tree.expressions))

    def _referred(self, function: str, trees: list[exp.Expr]) -> Node:
        """Return the name that ``in_segment('x')`` and its like stand for."""
        lexeme = self._lexeme(trees[0]) if len(trees) == 1 and isinstance(trees[0], exp.Column) else None
        text = lexeme.literal.value if lexeme is not None and lexeme.literal is not None else None
        if not isinstance(text, str):
            raise Refusal("it takes one name, written out", f"Write {function.lower()}('name').")
        prefix = self._scope.references[function]
        kind = self._scope.names.get(prefix + text)
        if kind is None:
            what = prefix.rstrip(".")
            known = {
                name.removeprefix(prefix): kind for name, kind in self._scope.names.items() if name.startswith(prefix)
            }
            raise self._noted(trees[0], Refusal(f"there is no {what} of that name", Scope(known).remedy(text)))
        return Name(prefix + text, kind)

    def _concatenate(self, tree: exp.Expr) -> Node:
        return self._called("CONCAT", [tree.this, tree.args["expression"]])

    def _called(self, name: str, trees: list[exp.Expr]) -> Node:
        nodes, function = tuple(self._each(trees)), REGISTRY[name]

        def rule() -> Node:
            resolved = function.resolved(nodes, self._scope.calendar) if function.resolved else nodes
            arguments, kind = function.typed(resolved, self._scope.money_scale)
            return Call(name, arguments, kind)

        return self._ruled(trees, rule)
