"""Lookups: second files, read once into tables that the rows are joined to. A lookup must be clean to be
used.
"""

from __future__ import annotations

from collections.abc import Mapping as Variables
from pathlib import Path

import duckdb

from onefold.adapters.duckdb.casts import raw_name, typed_name, typed_source
from onefold.adapters.duckdb.engine import first_bad, lookup_table, staged
from onefold.adapters.duckdb.files import read_files
from onefold.adapters.duckdb.paths import resolve
from onefold.core.errors import Problem, UserError
from onefold.core.zone import Zone
from onefold.language.ast import Kind
from onefold.language.to_duckdb import to_duckdb
from onefold.sources.mapping import Lookup, Mapping
from onefold.sources.rejections import shown


def load_lookups(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    *,
    variables: Variables[str, str],
    base: Path,
    money_scale: int,
    zone: Zone,
) -> None:
    """Read every lookup of a mapping into a table.

    Raises :class:`UserError` for a row that cannot be read, and for a key that several rows share: a lookup
    that drops or guesses would put one customer's money on another's timeline.
    """
    for at, lookup in enumerate(mapping.lookups):
        paths = resolve(lookup.files, variables=variables, base=base)
        loader = _Loader(connection, lookup, lookup_table(at), zone, money_scale)
        loader.create(sorted(mapping.lookup_columns(lookup)))
        loader.fill(paths, mapping.lookup_columns(lookup))
        loader.refuse_repeated_keys()


class _Loader:
    def __init__(
        self, connection: duckdb.DuckDBPyConnection, lookup: Lookup, table: str, zone: Zone, money_scale: int
    ) -> None:
        self._connection, self._lookup, self._table = connection, lookup, table
        self._zone, self._money_scale = zone, money_scale
        self._columns = lookup.files.columns

    def create(self, wanted: list[str]) -> None:
        typed = [column for column in self._columns if column.kind is not Kind.CATEGORY]
        types = {kind: "BOOLEAN" if kind is Kind.BOOLEAN else "DOUBLE" for kind in Kind}
        parts = [f"{raw_name(name)} VARCHAR" for name in wanted]
        parts += [f"{typed_name(column.name)} {types[column.kind]}" for column in typed]
        self._connection.execute(f"CREATE TABLE {self._table} ({', '.join(parts)})")
        self._names = [raw_name(name) for name in wanted] + [typed_name(column.name) for column in typed]

    def fill(self, paths: list[Path], wanted: frozenset[str]) -> None:
        source = typed_source(self._columns, money_scale=self._money_scale)
        where = "TRUE"
        if self._lookup.where is not None:
            where = to_duckdb(self._lookup.where, today=0, column=self._reference)
        names = ", ".join(self._names)
        for batch in read_files(paths, self._lookup.files, wanted):
            for fault in batch.faults.values():
                raise self._error(fault.raw.file, fault.raw.line, fault.reason)
            self._connection.register("batch", staged(self._connection, batch, self._columns, zone=self._zone))
            bad = self._connection.execute(
                f"SELECT n, bad FROM (SELECT n, {first_bad(self._columns)} AS bad FROM {source})"  # noqa: S608 - names are quoted
                " WHERE bad IS NOT NULL ORDER BY n LIMIT 1"
            ).fetchall()
            for at, which in bad:
                column, raw = self._columns[which], batch.raw(at)
                why = f"{column.name}: {shown(batch.columns[column.name][at])} is not of type {column.kind}"
                raise self._error(raw.file, raw.line, why)
            self._connection.execute(
                f"INSERT INTO {self._table} SELECT {names} FROM {source} WHERE {where}"  # noqa: S608
            ).fetchall()
            self._connection.unregister("batch")

    def _reference(self, name: str) -> str:
        kinds = {column.name: column.kind for column in self._columns}
        return raw_name(name) if kinds.get(name, Kind.CATEGORY) is Kind.CATEGORY else typed_name(name)

    def _error(self, file: str, line: int, why: str) -> UserError:
        what = f"the lookup `{self._lookup.name}`, {file} line {line:,}"
        return UserError(Problem(what, why, "Mend the row or the lookup's format.", self._lookup.files.place))

    def refuse_repeated_keys(self) -> None:
        key = raw_name(self._lookup.key)
        found = self._connection.execute(
            f"SELECT count(*), min(k) FROM (SELECT {key} AS k FROM {self._table}"  # noqa: S608
            f" WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1)"
        ).fetchall()
        count, example = found[0]
        if count:
            raise UserError(
                Problem(
                    f"the lookup `{self._lookup.name}`",
                    f"{count:,} values of its key `{self._lookup.key}` stand in several rows, such as {example!r}",
                    "Add a `where:` that leaves one row a key, or choose another key.",
                    self._lookup.files.place,
                )
            )
