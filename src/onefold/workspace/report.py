"""What a load did, and how a workspace stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class SourceReport:
    """The count of one source; ``accepted + rejected = read`` always.

    ``read`` counts candidate events (a row may make several); ``new`` of the accepted were not there before;
    ``skipped`` rows made none, because no record's ``when`` held.
    """

    source: str
    read: int = 0
    accepted: int = 0
    new: int = 0
    rejected: int = 0
    skipped: int = 0


@dataclass(slots=True)
class LoadReport:
    """What a load did. ``published`` is the digest where it had to publish first."""

    sources: list[SourceReport] = field(default_factory=list)
    undeclared: dict[str, int] = field(default_factory=dict)
    published: str | None = None
    draft_differs: bool = False

    @property
    def rejected(self) -> int:
        """How many candidates were rejected over all sources."""
        return sum(source.rejected for source in self.sources)

    def source(self, name: str) -> SourceReport:
        """Return the count of a source, beginning one at first sight."""
        for known in self.sources:
            if known.source == name:
                return known
        self.sources.append(SourceReport(name))
        return self.sources[-1]


@dataclass(frozen=True, slots=True)
class Status:
    """How a workspace stands. ``behind`` counts log records that the timelines lack."""

    workspace: str
    definitions: str | None
    draft_differs: bool
    records: int
    behind: int
    customers: int
    visitors: int
    rejected: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RejectedItem:
    """One open rejection: its number in the log of rejections, and what it says."""

    number: int
    source: str
    code: str
    detail: str
    raw: str


@dataclass(frozen=True, slots=True)
class Exported:
    """An export: how many customers, at which moment (ISO 8601), under which definitions."""

    customers: int
    at: str
    definitions: str
