"""Dice for definitions of every aggregate, over whatever a schema has to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from tests.oracles.calendar import days
from tests.oracles.definitions import UNITS_A_DEGREE, Definition, Places, SchemaText, Yaml
from tests.oracles.stream_wheres import SPOTS, comparison_by, conditional, where_by
from tests.oracles.wheres import Where, is_null, name

Body = Mapping[str, Yaml]
STARTS = tuple(f"start of {unit}" for unit in ("day", "week", "month", "quarter", "year"))
ANY: Mapping[str, Sequence[Yaml]] = {
    "fixed": ("1h", "24h", "7d", "30d", "90d"),
    "calendar": ("1mo", "2mo", "12mo", "1y"),
    "between": (["2d", "1d"], ["60d", "30d"], ["2mo", "1mo"], ["24mo", "12mo"], ["2mo", "30d"], ["1y", "90d"]),
    "since": STARTS,
}
PERIODS = ("week", "month", "quarter", "year")
ROOM: Mapping[str, Sequence[tuple[Yaml, int]]] = {
    "all": (("", 4), ("", 2)),
    "fixed": (("30d", 1), ("90d", 2), ("400d", 3)),
    "calendar": (("2mo", 1), ("12mo", 2), ("1y", 3), ("4y", 4)),
    "between": ((["24mo", "12mo"], 2), (["1y", "30d"], 2), (["400d", "1d"], 2)),
    "since": (("start of quarter", 1), ("start of year", 2), ("start of year", 2)),
}
"""Windows, and how many of the periods have room in them three times."""
WINDOWS = ("all", "fixed", "calendar", "between", "since")
NULLS = ("none to see", "no property", "where unknown", "trait null")
PLACES: Places = {
    "airport": (SPOTS[2], "transport"),
    "branch_1": (SPOTS[0], "branch"),
    "branch_2": (SPOTS[3], "branch"),
    "far_east": (SPOTS[6], "partner"),
}
RADII = ("500m", "1.5km", "20km", "300km", "15000km")
HOURS = ((22, 6), (0, 24), (9, 17), (2, 3), (23, 1), (24, 2), (0, 1), (1, 3))
SUMMABLE = ("money", "number", "duration")
ORDERED = (*SUMMABLE, "date", "instant")
SCALAR = (*ORDERED, "category", "boolean")
OF_TYPES: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("sum", "mean", "stddev", "trend"), SUMMABLE),
    **dict.fromkeys(("min", "max"), ORDERED),
    **dict.fromkeys(("first", "last", "distinct", "top"), SCALAR),
    "recurring": ("money", "number"),
    "until": ("date", "instant"),
    "near": ("place",),
}
"""The types of property that an aggregate of a property takes."""
OF_EITHER = ("count", "since_first", "since_last", "session")
OF_EVENTS = ("share", "active", "hours", "sequence")
ALL = (*OF_TYPES, *OF_EITHER, *OF_EVENTS)
NO_CLOCKS_AT_MIDNIGHT = days(date(2012, 1, 1))


@dataclass(frozen=True)
class Aim:
    """What a definition is to show: an aggregate, a kind of window, a kind of nothing."""

    aggregate: str
    window: str
    null: str | None = None


def fits(aggregate: str, null: str) -> bool:
    """Whether an aggregate can meet a kind of nothing.

    Those of events alone read no property; steps of a sequence are no traits, and no place is a statement to see.
    """
    if null == "no property":
        return aggregate not in OF_EVENTS
    return null != "trait null" or aggregate != "sequence"


AIMS = tuple(
    Aim(aggregate, window, null) for aggregate in ALL for window in WINDOWS for null in NULLS if fits(aggregate, null)
)


@dataclass(frozen=True)
class Ground:
    """What definitions stand on: a schema, and today as days since 1970."""

    schema: SchemaText
    today: int


def definition_by(rng: Random, feature: str, ground: Ground, sources: Sequence[str], aim: Aim | None) -> Definition:
    """Throw a definition, of the aggregate and window aimed at where sources allow."""
    while True:
        chosen = aim or Aim(rng.choice(ALL), rng.choice(WINDOWS))
        made = _made(rng, feature, ground, sources, chosen)
        if made is not None:
            return made
        aim = None


def targets(aggregate: str, ground: Ground, source: str) -> list[str]:
    """Return what an aggregate may read of a source, as written in YAML."""
    types = ground.schema[source]
    trait = source.startswith("traits.")
    if aggregate in OF_EVENTS:
        return [] if trait and aggregate == "sequence" else [source]
    if aggregate == "until" and ground.today <= NO_CLOCKS_AT_MIDNIGHT:
        return []  # SEMANTICS does not say what is today where the clocks go back over midnight
    wanted = OF_TYPES.get(aggregate, SCALAR)
    found = [source if trait else f"{source}.{one}" for one, (type_, _) in types.items() if type_ in wanted]
    return [*found, source] if aggregate in OF_EITHER and not trait else found


def _made(rng: Random, feature: str, ground: Ground, sources: Sequence[str], aim: Aim) -> Definition | None:
    statement = aim.null == "trait null"
    possible = [
        (source, target)
        for source in (sorted(ground.schema) if aim.null else sources)
        if not statement or source.startswith("traits.")
        for target in targets(aim.aggregate, ground, source)
        if aim.null != "no property" or target != source
    ]
    if not possible:
        return None
    source, target = rng.choice(possible)
    where = _where(rng, ground, source, aim)
    if where is None and (aim.null == "where unknown" or aim.aggregate == "share"):
        return None
    if aim.aggregate == "sequence":
        body, where = _sequence(rng, ground, source, where)
    else:
        body = _BODIES.get(aim.aggregate, _plain)(rng, aim.aggregate, target)
    window = window_by(rng, aim.window)
    if aim.aggregate == "recurring":
        chosen, fit = rng.choice(ROOM[aim.window])
        window, body = _window(aim.window, chosen), {**body, "every": rng.choice([*PERIODS[:fit], *PERIODS[1:fit] * 3])}
    return Definition(feature, {**body, **window}, where)


def _where(rng: Random, ground: Ground, source: str, aim: Aim) -> Where | None:
    types = ground.schema[source]
    names = conditional(types)
    match aim.null:
        case "trait null":
            return is_null(name("value")) if aim.aggregate == "share" and names else None
        case "where unknown":
            comparable = [one for one in names if types[one][0] not in ("instant", "duration")]
            return comparison_by(rng, types, rng.choice(comparable), ground.today) if comparable else None
        case "no property" if aim.aggregate != "share":
            return None
    wanted = aim.aggregate == "share" or rng.random() < (0.25 if aim.aggregate in ("recurring", "sequence") else 0.5)
    return where_by(rng, types, ground.today) if names and wanted else None


def window_by(rng: Random, kind: str) -> dict[str, Yaml]:
    """Throw a window of a kind."""
    return _window(kind, rng.choice(ANY[kind]) if kind in ANY else "")


def _window(kind: str, window: Yaml) -> dict[str, Yaml]:
    if kind == "all":
        return {}
    return {kind: window} if kind in ("between", "since") else {"within": window}


def _plain(rng: Random, aggregate: str, target: str) -> Body:
    return {aggregate: target}


def _active(rng: Random, aggregate: str, target: str) -> Body:
    return {aggregate: target, "by": rng.choice(["day", "week", "month"])}


def _hours(rng: Random, aggregate: str, target: str) -> Body:
    return {rng.choice(["event", "share"]): target, "hours": list(rng.choice(HOURS))}


def _recurring(rng: Random, aggregate: str, target: str) -> Body:
    body = {"recurring": target, "every": "month"}
    return body if rng.random() < 0.5 else {**body, "tolerance": rng.choice(["0%", "5%", "20%", "50%"])}


def _session(rng: Random, aggregate: str, target: str) -> Body:
    whole = "." not in target or target.endswith("lines")
    body: dict[str, Yaml] = {"session": target}
    body["stat"] = rng.choice(
        ["count", "seconds", "pages"] if whole else ["count", "seconds", "pages", "entry", "entry"]
    )
    if rng.random() < 0.7:
        body["gap"] = rng.choice(["1m", "30m", "2h", "3d"])
    if body["stat"] != "entry" and rng.random() < 0.6:
        body["of"] = rng.choice(["all", "last"])
    return body


def _near(rng: Random, aggregate: str, target: str) -> Body:
    latitude, longitude = rng.choice(SPOTS)
    inner: dict[str, Yaml] = {
        "event": target.rpartition(".")[0] if target.endswith(".spot") and rng.random() < 0.5 else target
    }
    if rng.random() < 0.5:
        inner["point"] = [latitude / UNITS_A_DEGREE, longitude / UNITS_A_DEGREE]
    else:
        inner["places"] = rng.choice(["airport", "branch", ["branch", "far_east"], ["branch_1", "transport"]])
    beside: dict[str, Yaml] = {}
    if rng.random() < 0.5:
        rng.choice([inner, beside])["stat"] = "distance"
    else:
        inner["radius"] = rng.choice(RADII)
    return {"near": inner, **beside}


_BODIES: Mapping[str, Callable[[Random, str, str], Body]] = {
    "active": _active,
    "hours": _hours,
    "recurring": _recurring,
    "session": _session,
    "near": _near,
}


def _sequence(rng: Random, ground: Ground, source: str, where: Where | None) -> tuple[Body, Where | None]:
    """Throw 1 to 4 steps, mostly of one source; a condition above all is of properties that all sources have."""
    events = [one for one in sorted(ground.schema) if not one.startswith("traits.")]
    others = [source, source, rng.choice(events)]
    steps = [_step(rng, ground, source if at == 0 else rng.choice(others)) for at in range(rng.choice([1, 2, 2, 3, 4]))]
    body: dict[str, Yaml] = {"sequence": steps}
    unwanted = [_step(rng, ground, rng.choice(others)) for _ in range(rng.choice([0, 0, 1, 1, 2]))]
    if unwanted:
        body["without"] = unwanted[0] if len(unwanted) == 1 and rng.random() < 0.5 else unwanted
    if rng.random() < 0.6:
        body["after"] = rng.choice(["1m", "1m", "1h", "48h"])
    named = {_source(step) for step in steps}
    return body, where if named == {source} else None


def _step(rng: Random, ground: Ground, source: str) -> Yaml:
    types = ground.schema[source]
    if rng.random() < 0.75 or not conditional(types):
        return source
    return {"event": source, "where": where_by(rng, types, ground.today, 1)}


def _source(step: Yaml) -> str:
    return str(step["event"]) if isinstance(step, Mapping) else str(step)
