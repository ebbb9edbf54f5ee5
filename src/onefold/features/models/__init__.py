"""Registered models: scores over features, from plain files of numbers. One file a form, made known by its import."""

from onefold.features.models import (  # noqa: F401 - importing registers
    linear,
    logistic,
    trees,
)
from onefold.features.models.base import FORMS, InUnits, Model
from onefold.features.models.reading import parse_model, read_models

__all__ = ["FORMS", "InUnits", "Model", "parse_model", "read_models"]
