"""``model``: the score of a registered model, worked out number by number."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, isfinite

from onefold.features.models import InUnits
from onefold.features.models.base import Form
from onefold.features.models.linear import Linear
from onefold.features.models.logistic import Logistic
from onefold.features.models.trees import Tree, Trees
from onefold.language.values import Value as SeenValue

Inputs = Sequence[float | None]


def score(form: Form, inputs: Sequence[SeenValue]) -> float | None:
    """Return the score of some inputs, in the model's order; None for NULL."""
    return _of(form, [None if one is None else float(one) for one in inputs])


def _of(form: Form, inputs: Inputs) -> float | None:
    match form:
        case InUnits(inner, units):
            return _of(inner, [None if one is None else one / unit for one, unit in zip(inputs, units, strict=True)])
        case Linear():
            return _linear(form, inputs)
        case Logistic(line):
            return _probability(_linear(line, inputs))
        case Trees():
            leaves = [_leaf(tree, inputs) for tree in form.trees]
            total = None if None in leaves else _finite(form.base + sum(leaf for leaf in leaves if leaf is not None))
            return _probability(total) if form.link == "logistic" else total
    raise NotImplementedError(type(form).__name__)


def _linear(form: Linear, inputs: Inputs) -> float | None:
    known = [instead if one is None else one for one, instead in zip(inputs, form.missing, strict=True)]
    if None in known:
        return None
    terms = [weight * one for weight, one in zip(form.weights, known, strict=True) if one is not None]
    return _finite(form.intercept + sum(terms))


def _leaf(tree: Tree, inputs: Inputs) -> float | None:
    """Return the value of the leaf that is reached; None where a NULL has no way."""
    node = 0
    while tree.left[node] >= 0:
        feature, threshold = tree.feature[node], tree.threshold[node]
        assert feature is not None
        assert threshold is not None
        value = inputs[feature]
        if value is None and tree.missing_left is None:
            return None
        goes_left = bool(tree.missing_left and tree.missing_left[node]) if value is None else value <= threshold
        node = tree.left[node] if goes_left else tree.right[node]
    return tree.value[node]


def _probability(total: float | None) -> float | None:
    if total is None:
        return None
    return 1 / (1 + exp(-total)) if total >= 0 else exp(total) / (1 + exp(total))


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
