"""What timers see of some customers at one instant: their columns, and when what they watch leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from onefold.features.columns import Columns
from onefold.features.departures import Departures, Watch
from onefold.features.engine import Engine
from onefold.features.tables import NEVER
from onefold.language.columns import BoolArray, Column, Floats, true_mask
from onefold.language.to_numpy import Compute
from onefold.profiles.words import Rows
from onefold.segments.days import repeated
from onefold.segments.definitions import REFERENCES
from onefold.segments.intervals import Instants
from onefold.segments.membership import Members

_SEGMENT = REFERENCES["IN_SEGMENT"]


class View:
    """The members at an instant, with the answers of the engines that watch for departures and other changes."""

    def __init__(self, members: Members, rows: Rows, people: Instants, *, departures: Departures, rest: Engine) -> None:
        self.members, self.now, self.zone = members, members.genomes.now, members.zone
        self._rows, self._people, self._departures, self._rest = rows, people, departures, rest
        self._columns = _Seen(members, self._genome())
        self.today = self.zone.day(self.now)
        self.year = int(np.datetime64(self.today, "D").astype("datetime64[Y]").astype(int)) + 1970

    def __len__(self) -> int:
        return len(self.members)

    def column(self, name: str) -> Column:
        """Return a column of the genome."""
        return self._columns[name]

    def true(self, condition: Compute, *, later: int = 0) -> BoolArray:
        """Return for whom a condition would be true if it were so many days later, and all else as it is."""
        columns = self._columns if not later else _Seen(self.members, self._genome().on(self.today + later))
        return true_mask(condition(columns, self.today + later, len(self)))

    def _genome(self) -> Columns:
        columns = self.members.genomes.columns
        assert isinstance(columns, Columns)
        return columns

    def birth_dates(self) -> Instants:
        """Return birth dates in days since 1970-01-01, NULL where unknown."""
        return self._genome().birth_dates()

    def midnight(self, later: int) -> int:
        """Return the start of the day so many days after today; never an instant that has passed."""
        return max(self.zone.start_of_day(self.today + later), self.now + 1)

    @cached_property
    def next_repeat(self) -> int:
        """The next instant at which clocks go back over midnight, so that a date comes twice."""
        return min((at for at in repeated(self.zone) if at > self.now), default=NEVER)

    def starts_of(self, days: Instants) -> Instants:
        """Return when local days begin; never an instant that has passed."""
        unique, places = np.unique(days, return_inverse=True)
        starts = np.array([self.zone.start_of_day(int(day)) for day in unique], np.int64)
        return np.maximum(starts[places], self.now + 1)

    @cached_property
    def engine_changes(self) -> Instants:
        """When anything changes of the features whose conditions are not solved: the engine's own next change."""
        return self._rest.read(self._rows, self._people, now=self.now).changes

    @cached_property
    def leaving(self) -> Instants:
        """When the events leave whose leaving flips conditions: (customers, watches), see :attr:`number`."""
        return self._departures.leaving(self._rows, self._people, self.members.genomes.texts, now=self.now)

    @property
    def number(self) -> Mapping[Watch, int]:
        """The column of each watch."""
        return self._departures.number


class _Seen(Mapping[str, Column]):
    """The genome's columns, and those of segments."""

    def __init__(self, members: Members, genome: Columns) -> None:
        self._members, self._genome = members, genome

    def __getitem__(self, name: str) -> Column:
        if name.startswith(_SEGMENT):
            return Floats(self._members.inside[name.removeprefix(_SEGMENT)].astype(np.float64))
        return self._genome[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._genome)

    def __len__(self) -> int:
        return len(self._genome)
