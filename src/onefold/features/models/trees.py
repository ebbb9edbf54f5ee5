"""``form: trees``: the base plus the value of the leaf that a row reaches in each tree; perhaps as a probability.

A node is an index into a tree's lists, 0 being the root. At an inner node a row goes ``left`` iff its input number
``feature`` (from 0) is at most ``threshold``. A node whose ``left`` and ``right`` are both -1 is a leaf and holds
``value``. A NULL goes left where ``missing_left`` says so, else right; in a tree without that list it makes the score
NULL. Children stand after their parents, so no way through a tree has an end that is never reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml.comments import CommentedMap

from onefold.core.document import Section
from onefold.features.models.base import Floats, FormReader, logistic, register
from onefold.features.models.numbers import is_index, is_number, is_number_or_null, is_truth, number, row
from onefold.features.sources import choice
from onefold.language.columns import finite_or_null

LEAF = -1
MAX_TREES, MAX_NODES, MAX_DEPTH = 5_000, 500_000, 64
_MAX_FAULTY = 10
"""Trees at fault after which the rest is not looked at."""
_KEYS = ("feature", "threshold", "left", "right", "value", "missing_left")
_CELLS = 1 << 20
"""Rows times trees that are worked on at once."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree, a number (or None, where it does not matter) a node; ``missing_left`` is None where it is not said."""

    feature: tuple[int | None, ...]
    threshold: tuple[float | None, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float | None, ...]
    missing_left: tuple[bool, ...] | None = None

    @property
    def depth(self) -> int:
        """How many tests the longest way has."""
        depths = [0] * len(self.left)
        for node, children in enumerate(zip(self.left, self.right, strict=True)):
            for child in children:
                if child != LEAF:
                    depths[child] = max(depths[child], depths[node] + 1)
        return max(depths)


@dataclass(frozen=True, slots=True, eq=False)
class _Forest:
    """All trees as flat arrays; leaves lead to themselves, and the last node is that of a NULL without a way."""

    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing: NDArray[np.int64]
    value: Floats
    depth: int


@dataclass(frozen=True)
class Trees:
    """Trees that add up, with ``link`` ``identity`` or ``logistic``.

    >>> stump = Tree((0, None, None), (5.0, None, None), (1, -1, -1), (2, -1, -1), (None, 1.0, 2.0))
    >>> Trees(10.0, "identity", (stump,)).scores([np.array([5.0, 5.5, np.nan])]).tolist()
    [11.0, 12.0, nan]
    """

    base: float
    link: str
    trees: tuple[Tree, ...]

    def scores(self, inputs: Sequence[Floats]) -> Floats:
        """Walk all trees at once, level by level, for as many rows as are handy."""
        matrix = np.stack(inputs, axis=1)
        rows = max(1, _CELLS // len(self.trees))
        parts = [self._sums(matrix[at : at + rows]) for at in range(0, len(matrix), rows)]
        total = finite_or_null(np.concatenate([np.empty(0), *parts]))
        return logistic(total) if self.link == "logistic" else total

    def _sums(self, matrix: NDArray[np.float64]) -> Floats:
        forest, cells = self._forest, np.ascontiguousarray(matrix).ravel()
        begin = (np.arange(len(matrix)) * matrix.shape[1])[:, None]
        node = np.broadcast_to(forest.roots, (len(matrix), len(forest.roots)))
        for _ in range(forest.depth):
            known = cells[begin + forest.feature[node]]
            onward = np.where(known <= forest.threshold[node], forest.left[node], forest.right[node])
            node = np.where(np.isnan(known), forest.missing[node], onward)
        values = np.column_stack([np.full(len(matrix), self.base), forest.value[node]])
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.cumsum(values, axis=1)[:, -1])  # tree by tree: the same for one row as for a million

    @cached_property
    def _forest(self) -> _Forest:
        roots = np.cumsum([0, *(len(tree.left) for tree in self.trees)])
        size = int(roots[-1]) + 1
        own = np.arange(size)
        left, right, missing = own.copy(), own.copy(), own.copy()
        feature, threshold, value = np.zeros(size, np.int64), np.full(size, np.nan), np.full(size, np.nan)
        for tree, root in zip(self.trees, roots.tolist(), strict=False):
            for node in range(len(tree.left)):
                at = root + node
                if tree.left[node] == LEAF:
                    value[at] = tree.value[node]
                    continue
                feature[at], threshold[at] = tree.feature[node] or 0, tree.threshold[node]
                left[at], right[at] = root + tree.left[node], root + tree.right[node]
                missing[at] = size - 1
                if tree.missing_left is not None:
                    missing[at] = left[at] if tree.missing_left[node] else right[at]
        depth = max(tree.depth for tree in self.trees)
        return _Forest(roots[:-1], feature, threshold, left, right, missing, value, depth)


def _read(section: Section, inputs: tuple[str, ...]) -> Trees | None:
    base = number(section, "base", 0.0)
    link = choice(section, "link", ("identity", "logistic"), "identity")
    trees = _trees(section, len(inputs))
    return None if base is None or link is None or trees is None else Trees(base, link, trees)


def _trees(section: Section, inputs: int) -> tuple[Tree, ...] | None:
    items = section.raw("trees")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_TREES:
        section.problem("trees", f"it takes 1 to {MAX_TREES:,} trees", "Write each as lists of its nodes.")
        return None
    found: list[Tree] = []
    faulty = nodes = 0
    for at, item in enumerate(items):
        tree = _tree(section, at + 1, item, inputs)
        faulty += tree is None
        if tree is not None:
            found.append(tree)
            nodes += len(tree.left)
        if faulty == _MAX_FAULTY or nodes > MAX_NODES:
            break
    if nodes > MAX_NODES:
        section.problem("trees", f"they have more than {MAX_NODES:,} nodes", "Use fewer or smaller trees.")
        return None
    return None if faulty else tuple(found)


def _tree(section: Section, ordinal: int, item: Any, inputs: int) -> Tree | None:
    about, problems, place = f" of tree {ordinal}", section.problems, section.place_of("trees")
    if not isinstance(item, dict):
        problems.add(f"tree {ordinal}", "it is no mapping", f"Write {', '.join(_KEYS)}, a list each.", place)
        return None
    failed = len(problems.found)
    inner = Section(item if isinstance(item, CommentedMap) else CommentedMap(item), place, problems)
    inner.only(*_KEYS)
    first = inner.raw("left")
    size = len(first) if isinstance(first, list) else 0
    if size == 0:
        problems.add(f"`left`{about}", "it lists no nodes", "Write the left child of each node, -1 in leaves.", place)
        return None
    feature = row(inner, "feature", size, lambda one: one is None or is_index(one), "whole numbers", about)
    threshold = row(inner, "threshold", size, is_number_or_null, "numbers", about)
    left = row(inner, "left", size, is_index, "whole numbers", about)
    right = row(inner, "right", size, is_index, "whole numbers", about)
    value = row(inner, "value", size, is_number_or_null, "numbers", about)
    missing = row(inner, "missing_left", size, is_truth, "true and false", about) if "missing_left" in inner else None
    if feature is None or threshold is None or left is None or right is None or value is None:
        return None
    if len(problems.found) > failed:
        return None
    tree = Tree(
        tuple(feature),
        tuple(threshold),
        tuple(left),
        tuple(right),
        tuple(value),
        None if missing is None else tuple(map(bool, missing)),
    )
    why = _fault(tree, inputs)
    if why is not None:
        problems.add(f"tree {ordinal}", why, "Mend the node; nodes and inputs count from 0.", place)
        return None
    return tree


def _fault(tree: Tree, inputs: int) -> str | None:
    """Say what is wrong with a node of a tree, None where nothing is."""
    size = len(tree.left)
    for node in range(size):
        left, right, feature = tree.left[node], tree.right[node], tree.feature[node]
        if left == right == LEAF:
            if not is_number(tree.value[node]):
                return f"node {node} is a leaf without a value"
        elif not (node < left < size and node < right < size):
            return f"the children of node {node} are no nodes that come after it"
        elif feature is None or not 0 <= feature < inputs:
            return f"node {node} tests no input of the model"
        elif not is_number(tree.threshold[node]):
            return f"node {node} has no threshold"
    return f"it is deeper than {MAX_DEPTH} tests" if tree.depth > MAX_DEPTH else None


TREES = register(FormReader("trees", ("base", "link", "trees"), _read))
