"""The plain values of features, as people read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

Value = int | float | Decimal | str | bool | date | None
