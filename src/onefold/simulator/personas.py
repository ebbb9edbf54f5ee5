"""The latent kinds of people. A persona drives behaviour and is never in the data: it is the truth to be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CATEGORIES = ("groceries", "restaurants", "travel", "fuel", "home", "clothes", "health", "leisure", "baby")
PRICES = (38.0, 27.0, 190.0, 55.0, 80.0, 60.0, 30.0, 35.0, 42.0)
"""The median purchase of each category, in euros."""

PRODUCTS = ("mortgage", "car_loan", "credit_card", "savings_account", "fund", "home_insurance", "travel_insurance")


@dataclass(frozen=True, slots=True)
class Persona:
    """What one kind of people is like.

    ``share`` of the population; ``ages`` from and to; ``income`` a month in euros (median) for those ``earning`` one;
    ``purchases``, ``visits``, ``logins`` in 30 days; ``tastes`` by category; ``owns`` the chance of each product.
    """

    name: str
    share: float
    ages: tuple[int, int]
    household: Mapping[str, float]
    income: float
    earning: float
    purchases: float
    tastes: tuple[float, ...]
    visits: float
    logins: float
    phone: float
    owns: tuple[float, ...]
    funds: float = 0.0
    trips: float = 0.0


PERSONAS = (
    Persona(
        "globetrotter", 0.16, (24, 52), {"single": 0.6, "couple": 0.4}, 3100, 0.95, 2.4,
        (2.0, 2.2, 3.2, 0.6, 0.3, 0.8, 0.3, 1.0, 0.0), 0.50, 0.9, 0.85, (0.10, 0.06, 0.60, 0.40, 0.12, 0.20, 0.35),
        funds=0.05, trips=0.30,
    ),
    Persona(
        "homebody", 0.21, (30, 68), {"single": 0.4, "couple": 0.6}, 2300, 0.85, 1.4,
        (4.0, 0.5, 0.1, 1.0, 1.2, 0.5, 0.7, 0.6, 0.0), 0.25, 0.4, 0.25, (0.22, 0.10, 0.20, 0.45, 0.04, 0.50, 0.05),
        funds=0.02, trips=0.02,
    ),
    Persona(
        "saver", 0.15, (28, 64), {"single": 0.4, "couple": 0.4, "family": 0.2}, 2900, 0.95, 1.3,
        (3.4, 0.6, 0.5, 0.7, 0.6, 0.4, 0.5, 0.5, 0.0), 0.55, 0.8, 0.50, (0.20, 0.04, 0.30, 0.85, 0.35, 0.45, 0.12),
        funds=0.25, trips=0.05,
    ),
    Persona(
        "young_family", 0.18, (26, 44), {"family": 0.75, "couple": 0.25}, 2700, 0.92, 2.3,
        (4.2, 0.8, 0.4, 1.2, 1.0, 1.2, 0.7, 0.8, 0.6), 0.45, 0.7, 0.65, (0.32, 0.18, 0.35, 0.50, 0.06, 0.45, 0.10),
        funds=0.03, trips=0.06,
    ),
    Persona(
        "student", 0.12, (18, 26), {"single": 0.9, "couple": 0.1}, 850, 0.55, 1.7,
        (2.6, 2.0, 0.5, 0.2, 0.2, 1.2, 0.2, 1.8, 0.0), 0.45, 1.2, 0.95, (0.00, 0.01, 0.12, 0.30, 0.04, 0.02, 0.08),
        funds=0.04, trips=0.08,
    ),
    Persona(
        "retiree", 0.18, (63, 88), {"single": 0.4, "couple": 0.6}, 1600, 0.98, 1.2,
        (4.0, 0.6, 0.3, 0.5, 0.6, 0.3, 1.8, 0.4, 0.0), 0.15, 0.25, 0.15, (0.03, 0.02, 0.15, 0.60, 0.06, 0.60, 0.08),
        funds=0.02, trips=0.04,
    ),
)  # fmt: skip
RETIREE = len(PERSONAS) - 1
