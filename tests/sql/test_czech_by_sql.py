"""The Czech bank: every feature of every client at two moments, the engine against DuckDB's SQL over its log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest
from tests.acceptance.conftest import BERKA
from tests.acceptance.czech import EXAMPLE
from tests.sql.answers import agree, answers
from tests.sql.calendar import connect
from tests.sql.events_table import fill
from tests.sql.render import Renderer

import onefold
from onefold.core.instant import from_datetime
from onefold.features.engine import FOREVER
from onefold.features.genomes import Genomes
from onefold.profiles.layout import Layout
from onefold.workspace.evidence import Evidence
from onefold.workspace.publishing import published_definitions
from onefold.workspace.reader import Reader
from onefold.workspace.stores import open_stores

MORE = """
features:
  favourite_operation: {top: transaction.operation, within: 12mo}
  spread_90d:          {stddev: transaction.amount, within: 90d}
  balance_trend_1y:    {trend: transaction.balance, within: 1y}
  night_share:         {hours: [22, 6], event: transaction}
  salary:              {recurring: transaction.amount, where: "type = 'credit'", every: month, tolerance: 20%}
  visits_30d:          {session: transaction, gap: 48h, within: 30d}
  pages_of_last:       {session: transaction, gap: 48h, stat: pages, of: last}
  then_withdrew:
    sequence: [{event: transaction, where: "type = 'credit'"}, {event: transaction, where: "type <> 'credit'"}]
    within: 30d
    without: loan_granted
    after: 24h
  balance_rank:        {percentile_of: balance}
  inflow_score:        {zscore_of: inflow_30d}
  rank_doubled:        {expr: "balance_rank * 2"}
"""
"""What the example does not use, over the same events."""
MOMENTS = ("1997-03-30T10:00:00+00:00", "1998-12-31T23:00:00+00:00")
"""A day on which the clock goes forward, and the first instant of 1999 in Prague."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The example workspace, loaded, with further features."""
    if not BERKA.is_dir():
        pytest.skip("real data not present: ../shared/data")
    folder = tmp_path_factory.mktemp("czech_by_sql") / "bank"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".onefold"))
    (folder / "features" / "more.yaml").write_text(MORE, encoding="utf-8")
    with onefold.open(folder) as bank:
        bank.load({"data": str(BERKA)})
    with open_stores(folder, read_only=True) as stores:
        definitions = published_definitions(stores)
        timelines = stores.timelines(Layout(definitions.schema))
        yield Reader(stores, timelines, definitions)
        timelines.close()


@pytest.fixture(scope="module")
def tables(reader: Reader) -> duckdb.DuckDBPyConnection:
    """The log as tables: every person's events, as the oracle gathers them."""
    evidence = Evidence(reader, at=0, known=FOREVER, sample=None)
    people = {name: evidence.events(person) for name, person in evidence.people.items() if person.known}
    connection = connect()
    fill(connection, reader.definitions.schema, people)
    return connection


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_feature_of_every_client(reader: Reader, tables: duckdb.DuckDBPyConnection, moment: str) -> None:
    now = from_datetime(datetime.fromisoformat(moment))
    zone, features = reader.definitions.config.zone, reader.definitions.features
    renderer = Renderer(features, zone.name, now, FOREVER, zone.day(now), zone.start_of_day(zone.day(now)))
    served = _served(reader, now)
    assert len(served) > 4_000
    for name, feature in features.features.items():
        found = answers(tables, renderer, name)
        assert served.keys() <= found.keys()
        wrong = [
            (client, ours, found[client])
            for client, (genomes, row) in served.items()
            if not agree(ours := genomes.value(name, row), found[client], feature.body.result)
        ]
        assert not wrong, (name, wrong[:3], renderer.query(name))


def _served(reader: Reader, now: int) -> dict[str, tuple[Genomes, int]]:
    """Return where the genome of each client stands who exists by now."""
    found = {}
    for roots, genomes in reader.everybody(now=now):
        for row, name in enumerate(reader.names(roots)):
            if genomes.present[row]:
                found[name] = (genomes, row)
    return found
