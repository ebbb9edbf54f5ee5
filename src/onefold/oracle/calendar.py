"""The calendar of the oracle: plain ``datetime`` and ``zoneinfo``, slow and obvious (SEMANTICS 3, Windows).

Instants are ``int`` microseconds since 1970-01-01T00:00Z; no float ever holds a time. Zones come from the
``tzdata`` package, never from the machine.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DATE = date(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
UNITS = ("day", "week", "month", "quarter", "year")


@lru_cache(maxsize=16)
def zone_named(name: str) -> ZoneInfo:
    """Load a zone such as ``Europe/Prague`` from the ``tzdata`` package."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def instant_of(moment: datetime) -> int:
    """Return the instant of an aware ``datetime``."""
    return (moment - EPOCH) // MICROSECOND


def instant(text: str) -> int:
    """Return the instant of an ISO 8601 time with an offset.

    >>> instant("1970-01-02T00:00:00+01:00")
    82800000000
    """
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, f"{text} has no offset"
    return instant_of(moment)


def shown(now: int, zone: ZoneInfo) -> datetime:
    """Return what a wall clock of the zone shows; ``fold`` is 1 in the second pass of a repeated hour."""
    return (EPOCH + now * MICROSECOND).astimezone(zone)


def wall_at(now: int, zone: ZoneInfo) -> datetime:
    """Return what a wall clock of the zone shows, without the zone."""
    return shown(now, zone).replace(tzinfo=None, fold=0)


def local_date(now: int, zone: ZoneInfo) -> date:
    """Return the local date."""
    return shown(now, zone).date()


def days(day: date) -> int:
    """Return a date as days since 1970-01-01."""
    return (day - EPOCH_DATE).days


def first_instant(holds: Callable[[int], bool], *, after: int, until: int) -> int:
    """Return the first instant in (after, until] at which ``holds``, which once true stays true, is true."""
    assert holds(until), "nothing to find"
    low, high = after, until
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def resolve(wall: datetime, zone: ZoneInfo) -> int:
    """Return the instant of a wall clock: the first pass of a repeated hour; the first instant after a gap.

    >>> prague = zone_named("Europe/Prague")
    >>> shown(resolve(datetime(2026, 3, 29, 2, 30), prague), prague).isoformat()
    '2026-03-29T03:00:00+02:00'
    >>> shown(resolve(datetime(2026, 10, 25, 2, 30), prague), prague).isoformat()
    '2026-10-25T02:30:00+02:00'
    """
    found = instant_of(wall.replace(tzinfo=zone, fold=0))
    if wall_at(found, zone) == wall:
        return found
    before_the_gap = instant_of(wall.replace(tzinfo=zone, fold=1))
    return first_instant(lambda at: wall_at(at, zone) > wall, after=before_the_gap, until=found)


def start_of_date(day: date, zone: ZoneInfo) -> int:
    """Return the first instant of a local date."""
    return resolve(datetime.combine(day, time()), zone)


def furthest_wall(now: int, zone: ZoneInfo) -> datetime:
    """Return the furthest that the wall clock has shown up to ``now``.

    That is what it shows, but in the second pass of a repeated hour it is the last microsecond of the first
    pass: a window's start never moves back.
    """
    here = shown(now, zone)
    if here.fold == 0:
        return here.replace(tzinfo=None)
    first_pass = instant_of(here.replace(fold=0))
    turned_back = first_instant(lambda at: shown(at, zone).utcoffset() == here.utcoffset(), after=first_pass, until=now)
    return wall_at(turned_back - 1, zone)


def months_before(now: int, months: int, zone: ZoneInfo) -> int:
    """Return the instant so many calendar months before ``now``: the same wall clock.

    A day or hour that does not exist gives the first instant after it; in the second pass of a repeated hour
    the result stays at its furthest; a result in a repeated hour of the past means its first pass.

    >>> utc = zone_named("UTC")
    >>> shown(months_before(instant("2026-03-31T17:00:00Z"), 1, utc), utc).isoformat()
    '2026-03-01T00:00:00+00:00'
    """
    wall = furthest_wall(now, zone)
    year, month = divmod(wall.year * 12 + wall.month - 1 - months, 12)
    length = monthrange(year, month + 1)[1]
    if wall.day > length:
        return start_of_date(date(year, month + 1, length) + timedelta(days=1), zone)
    return resolve(wall.replace(year=year, month=month + 1), zone)


def first_day(unit: str, day: date) -> date:
    """Return the first day of the day, ISO week, month, quarter or year that holds a date."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    raise ValueError(unit)


def next_first_day(unit: str, day: date) -> date:
    """Return the first day of the unit after the one that holds a date, by walking."""
    following = day + timedelta(days=1)
    while first_day(unit, following) == first_day(unit, day):
        following += timedelta(days=1)
    return following


def start_of(unit: str, now: int, zone: ZoneInfo) -> int:
    """Return the first instant of the local day, ISO week, month, quarter or year that holds ``now``.

    It never moves back, even where the repeated hour takes the wall clock into the day before.
    """
    return start_of_date(first_day(unit, furthest_wall(now, zone).date()), zone)


def next_start_of(unit: str, now: int, zone: ZoneInfo) -> int:
    """Return the first instant of the day, ISO week, month, quarter or year after the one of ``now``."""
    return start_of_date(next_first_day(unit, furthest_wall(now, zone).date()), zone)


def next_date_change(now: int, zone: ZoneInfo) -> int:
    """Return the first instant after ``now`` at which the local date is another one.

    It is the start of tomorrow, but where clocks go back over midnight: there it is looked for minute by minute.
    """
    today = local_date(now, zone)
    tomorrow = start_of_date(today + timedelta(days=1), zone)
    if tomorrow > now and shown(now, zone).utcoffset() == shown(tomorrow, zone).utcoffset():
        return tomorrow
    minute, at = 60_000_000, now
    while local_date(at + minute, zone) == today:
        at += minute
    return first_instant(lambda later: local_date(later, zone) != today, after=at, until=at + minute)


def birthday_in(year: int, born: date) -> date:
    """Return a birthday; of those born on 29 February it is the 28th in common years.

    >>> birthday_in(2025, date(2000, 2, 29)), birthday_in(2028, date(2000, 2, 29))
    (datetime.date(2025, 2, 28), datetime.date(2028, 2, 29))
    """
    return born.replace(year=year, day=min(born.day, monthrange(year, born.month)[1]))


def age(born: date, today: date) -> int | None:
    """Return full years; None before the birth.

    >>> age(date(2000, 2, 29), date(2025, 2, 27)), age(date(2000, 2, 29), date(2025, 2, 28))
    (24, 25)
    """
    if born > today:
        return None
    return today.year - born.year - (birthday_in(today.year, born) > today)


def next_birthday(born: date, now: int, zone: ZoneInfo) -> int:
    """Return the instant after ``now`` at which the age changes next; the birth itself is such an instant."""
    today = local_date(now, zone)
    days_ahead = [born] if born > today else [birthday_in(today.year + more, born) for more in (0, 1)]
    return start_of_date(next(day for day in days_ahead if day > today), zone)
