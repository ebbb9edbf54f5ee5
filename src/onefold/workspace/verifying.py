"""``verify``: everything that is served, recomputed from the log by the oracle and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from onefold.features.engine import FOREVER
from onefold.workspace import verify_decisions, verify_genomes, verify_segments
from onefold.workspace.access import Access, Moment
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.evidence import Evidence, Tally, Verification
from onefold.workspace.reader import Reader

Check = Callable[[Evidence, Tally], None]
"""One kind of thing that is served: it recomputes it by the evidence, and has the tally compare."""

CHECKS: tuple[Check, ...] = (
    verify_genomes.everybody,
    verify_genomes.one_by_one,
    verify_genomes.names,
    verify_segments.segments,
    verify_segments.flips,
    verify_decisions.decisions,
)
SAMPLE = 100


def verify_workspace(
    access: Access,
    *,
    at: Moment = None,
    known: Moment = None,
    sample: int | None = SAMPLE,
    seed: int = 0,
    progress: Progress = silent,
) -> Verification:
    """Compare what a workspace serves under its published definitions with what its log says.

    Raises :class:`~onefold.core.errors.UserError` where nothing is loaded or published, or a time is none.
    """
    reader = access.reader(progress=progress)
    moment, until = access.moment(reader, at), access.until(reader, known)
    return verify(reader, at=moment, known=until, sample=sample, seed=seed, progress=progress)


def verify(
    reader: Reader,
    *,
    at: int,
    known: int = FOREVER,
    sample: int | None = SAMPLE,
    seed: int = 0,
    progress: Progress = silent,
    checks: Sequence[Check] = CHECKS,
) -> Verification:
    """Compare what a reader serves with what the log says, for a seeded sample of customers (None: for all).

    ``at`` is the moment that is looked at in any case; others are drawn by ``seed``.
    """
    evidence = Evidence(reader, at=at, known=known, sample=sample, seed=seed, progress=progress)
    tally = Tally()
    for check in checks:
        check(evidence, tally)
    return Verification(
        customers=len(tally.customers),
        moments=tally.moments,
        values=tally.values,
        mismatches=tally.mismatches.total(),
        by_name=dict(sorted(tally.mismatches.items())),
        examples=tuple(tally.examples),
        definitions=reader.definitions.digest,
        at=at,
        known=known,
        seed=seed,
    )
