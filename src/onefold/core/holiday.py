"""Public holidays by country and region, from the ``holidays`` package alone, never from the machine.

A day that is kept in place of a holiday, such as the Monday after one that falls on a Sunday, is a holiday too where
the law says so. Outside the years that the package knows of a country there are none.
"""

from __future__ import annotations

import warnings
from functools import lru_cache

from onefold.core.instant import date_of, days_of


def release() -> str:
    """Return the version of the holiday data in use."""
    from holidays.version import __version__  # a tenth of a second, which only banks that keep holidays spend

    return __version__


@lru_cache(maxsize=1)
def regions() -> dict[str, tuple[str, ...]]:
    """Return the countries that are known (ISO 3166, two letters), each with its regions.

    >>> "BY" in regions()["DE"], regions()["CZ"]
    (True, ())
    """
    import holidays

    return {country: tuple(parts) for country, parts in holidays.list_supported_countries(False).items()}


@lru_cache(maxsize=4096)
def holidays_in(region: str, year: int) -> frozenset[int]:
    """Return the holidays of a year in a known region (``CZ``, ``DE-BY``), as days since 1970-01-01.

    >>> sorted(str(date_of(day)) for day in holidays_in("CZ", 2026))[:3]
    ['2026-01-01', '2026-04-03', '2026-04-06']
    """
    import holidays

    country, _, part = region.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of years that it does not know of a country, which have none
        found = holidays.country_holidays(country, subdiv=part or None, years=year, expand=False)
    return frozenset(days_of(day) for day in found if day.year == year)


def is_holiday(region: str, day: int) -> bool:
    """Whether a day is a public holiday there."""
    return day in holidays_in(region, date_of(day).year)
