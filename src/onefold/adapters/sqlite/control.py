"""Control data in SQLite through SQLAlchemy; the same tables serve PostgreSQL.

Published sets are kept for ever by content hash; publishing moves a pointer in one transaction. The file uses the
rollback journal with full synchronisation: the WAL of SQLite before 3.51.3 can lose pages when two writers checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, create_engine, event, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from onefold.core.errors import StorageError
from onefold.core.publication import Publication

_METADATA = MetaData()
_SETS = Table(
    "definition_sets",
    _METADATA,
    Column("digest", String(64), primary_key=True),
    Column("files", Text, nullable=False),
)
_PUBLICATIONS = Table(
    "publications",
    _METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False),
    Column("published_at", Integer, nullable=False),
)


class SqliteControl:
    """Published definitions of one workspace, in one file."""

    def __init__(self, path: Path) -> None:
        self._engine: Engine = create_engine(f"sqlite:///{path}")
        event.listen(self._engine, "connect", _durable)
        try:
            _METADATA.create_all(self._engine)
        except SQLAlchemyError as error:
            raise StorageError(f"{path.name}: the control store cannot be opened: {error.__cause__}") from error

    def publish(self, digest: str, files: Mapping[str, str], *, at: int) -> None:
        """Keep a set of definition files (path -> text) and make it the published one, atomically."""
        content = json.dumps(dict(sorted(files.items())), ensure_ascii=False)
        with self._engine.begin() as connection:
            if connection.execute(select(_SETS.c.digest).where(_SETS.c.digest == digest)).first() is None:
                connection.execute(insert(_SETS).values(digest=digest, files=content))
            connection.execute(insert(_PUBLICATIONS).values(digest=digest, published_at=at))

    def published(self) -> Publication | None:
        """Return what is published now, None before the first publication."""
        query = select(_PUBLICATIONS).order_by(_PUBLICATIONS.c.number.desc()).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else Publication(row["number"], row["digest"], row["published_at"])

    def files(self, digest: str) -> dict[str, str] | None:
        """Return the files of a set by its digest, None for an unknown one."""
        query = select(_SETS.c.files).where(_SETS.c.digest == digest)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        loaded: dict[str, str] = json.loads(row[0])
        return loaded

    def history(self) -> list[Publication]:
        """Return every publication, the oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_PUBLICATIONS).order_by(_PUBLICATIONS.c.number)).mappings().all()
        return [Publication(row["number"], row["digest"], row["published_at"]) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _durable(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=DELETE")
    cursor.execute("PRAGMA synchronous=EXTRA")
    cursor.close()
