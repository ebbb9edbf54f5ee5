"""Where each decision stands: its sealed record by its id. Derived from the log, and rebuilt from it at will.

Nothing is flushed for its own sake: what a power loss takes, the log gives back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, create_engine, event, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from onefold.core.errors import StorageError

_METADATA = MetaData()
_DECISIONS = Table(
    "decisions",
    _METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("node", LargeBinary(16), nullable=False, index=True),
    Column("payload", LargeBinary, nullable=False),
)
_APPLIED = Table("applied", _METADATA, Column("one", Integer, primary_key=True), Column("seq", Integer, nullable=False))


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision's record as it stands in the log at ``seq``: its id, the pseudonym asked about, sealed bytes."""

    seq: int
    id: str
    node: bytes
    payload: bytes


class SqliteDecisions:
    """The decision store of one workspace, in one file."""

    def __init__(self, path: Path) -> None:
        self._engine: Engine = create_engine(f"sqlite:///{path}")
        event.listen(self._engine, "connect", _quick)
        try:
            _METADATA.create_all(self._engine)
        except SQLAlchemyError as error:
            raise StorageError(f"{path.name}: the decision store cannot be opened; delete it, it is rebuilt") from error

    def applied(self) -> int:
        """Return the number of the log record up to which decisions are here."""
        with self._engine.connect() as connection:
            return connection.execute(select(_APPLIED.c.seq)).scalar() or 0

    def add(self, found: Iterable[Stored], *, applied: int) -> None:
        """Take in decisions of the log up to a record; what is here already stays as it is."""
        rows = [{"seq": one.seq, "id": one.id, "node": one.node, "payload": one.payload} for one in found]
        with self._engine.begin() as connection:
            if rows:
                connection.execute(insert(_DECISIONS).on_conflict_do_nothing(), rows)
            connection.execute(insert(_APPLIED).values(one=1, seq=0).on_conflict_do_nothing())
            connection.execute(update(_APPLIED).where(_APPLIED.c.seq < applied).values(seq=applied))

    def find(self, decision_id: str) -> Stored | None:
        """Return a decision by its id."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_DECISIONS).where(_DECISIONS.c.id == decision_id)).mappings().first()
        return None if row is None else Stored(**row)

    def newest(self, *, limit: int, nodes: Iterable[bytes] | None = None) -> list[Stored]:
        """Return the newest decisions, of some names only where they are given; the newest first."""
        query = select(_DECISIONS).order_by(_DECISIONS.c.seq.desc()).limit(limit)
        if nodes is not None:
            query = query.where(_DECISIONS.c.node.in_(list(nodes)))
        with self._engine.connect() as connection:
            return [Stored(**row) for row in connection.execute(query).mappings()]

    def count(self) -> int:
        """Return how many decisions there are."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(_DECISIONS)).scalar() or 0

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _quick(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=MEMORY")
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
