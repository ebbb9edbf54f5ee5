"""Many customers at once: the same answers as one by one, and few of them walked for the sake of ``hold``."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from tests.segments.generated import BEGIN, LENGTH, drawn, events
from tests.segments.workbench import Bench, at, bench, consent, event, stated

from onefold.core.instant import DAY, HOUR
from onefold.language.columns import true_mask
from onefold.language.to_numpy import to_numpy
from onefold.language.to_python import to_python
from onefold.profiles.words import Rows
from onefold.segments.history import History
from onefold.segments.intervals import at as holds
from onefold.segments.membership import Members
from onefold.segments.reading import compile_predicate

T = at("2026-05-04T09:00:00Z")


def together(made: Bench, timelines: list[Rows], now: int) -> Members:
    people = np.cumsum([0, *map(len, timelines)], dtype=np.int64)
    return made.membership.read(np.concatenate(timelines), people, now=now)


@pytest.mark.parametrize("seed", range(400, 430))
def test_many_equal_one_by_one(seed: int) -> None:
    case, random = drawn(seed), Random(seed)
    made = case.bench
    timelines = [made.rows(events(random)) for _ in range(12)]
    now = BEGIN + random.randrange(LENGTH // HOUR) * HOUR + random.choice([-1, 0, 0, 1])
    found = together(made, timelines, now)
    for person, rows in enumerate(timelines):
        spans = made.history.spans(rows, now, now)
        inside = {name for name, one in spans.inside.items() if holds(one, now)}
        held = {name for name, one in spans.held.items() if holds(one, now)}
        assert found.names(person) == tuple(sorted(inside)), (seed, person)
        assert {name for name in case.segments if found.held[name][person]} == held
        row = made.membership.row(found, person, {"context.page": "/x"})
        assert row["context.page"] == "/x"
        assert {name for name in case.segments if row[f"segment.{name}"] is True} == inside
    today = made.zone.day(now)
    for segment in made.segments.segments.values():
        names = {f"segment.{name}": mask for name, mask in found.inside.items()}
        plain = [
            to_python(segment.when)(made.membership.row(found, person), today) is True for person in range(len(found))
        ]
        assert made.membership.evaluate(segment.when, found).tolist() == [
            one and bool(here) for one, here in zip(plain, found.genomes.present, strict=True)
        ]
        if not any(f"segment.{name}" in repr(segment.when) for name in case.segments):
            column = to_numpy(segment.when)(found.genomes.columns, today, len(found))
            assert true_mask(column).tolist() == plain, names
            assert (
                made.membership.evaluate(segment.when, found.genomes).tolist()
                == made.membership.evaluate(segment.when, found).tolist()
            )


FEATURES = {"views": {"count": "view", "within": "7d"}, "since_view": {"since_last": "view"}}


@pytest.mark.parametrize(
    ("when", "walked"),
    [
        ("views > 1", 3),  # one sees a page, and two have a view that left the window
        ("since_view < 2.5", 1),  # only one value passed the threshold
        ("since_view < 2.5 OR views > 1", 3),
        ("salary > 100 AND since_view < 2.5", 0),  # what is unknown, and stays so, decides
        ("age >= 30 AND salary > 100", 0),
    ],
)
def test_hold_walks_only_those_for_whom_it_is_not_plain(
    when: str, walked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench(FEATURES, {"x": {"when": when, "hold": "24h"}})
    quiet = [[event("login", T - (9 + at) * DAY), stated("salary", None, T - 50 * DAY)] for at in range(30)]
    older = [[event("view", T - (3 + at) * 2 * DAY + HOUR)] for at in range(2)]
    left = [[event("view", T - 7 * DAY - HOUR), event("view", T - 6 * DAY)]]
    passed = [[event("view", T - 2 * DAY - 20 * HOUR)]]
    fresh = [[event("view", T - HOUR)], [event("login", T - HOUR)]]
    timelines = [made.rows(one) for one in (*quiet, *older, *left, *passed, *fresh)]
    asked = []
    real = History.held_lately

    def counted(self: History, rows: Rows, now: int, segment: str, *, known: int) -> bool:
        asked.append(rows)
        return real(self, rows, now, segment, known=known)

    monkeypatch.setattr(History, "held_lately", counted)
    found = together(made, timelines, T)
    assert len(asked) == walked
    for person, rows in enumerate(timelines):
        assert bool(found.inside["x"][person]) == made.history.held_lately(rows, T, "x", known=1 << 62)


def test_a_preview_counts_whom_the_list_names() -> None:
    made = bench(FEATURES, {"keen": {"when": "views > 1", "purpose": "marketing"}})
    timelines = [
        made.rows(one)
        for one in (
            [event("view", T), event("view", T + 1), consent(T)],
            [event("view", T), event("view", T + 1)],
            [event("view", T + DAY)],
        )
    ]
    found = together(made, timelines, T + 1)
    everybody = compile_predicate("views >= 0", made.features, made.segments)
    assert made.membership.evaluate(everybody, found).tolist() == [True, True, False]
    keen = compile_predicate("in_segment('keen')", made.features, made.segments)
    assert made.membership.evaluate(keen, found).tolist() == [True, False, False]
    assert found.held["keen"].tolist() == [True, True, False]


def test_nobody_at_all() -> None:
    made = bench(FEATURES, {"x": {"when": "views > 1", "hold": "1d"}})
    found = made.membership.read(made.rows([]), np.array([0], np.int64), now=T)
    assert len(found) == 0
    assert found.inside["x"].tolist() == []
