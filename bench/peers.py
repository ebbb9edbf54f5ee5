"""The same hundred features in DuckDB and in Polars, as well as we could write them.

DuckDB: one pass with FILTER clauses. Polars: three plans, of which the fastest counts.

``filtered``  each aggregate filters its column itself
``masked``    the 20 filters and 5 windows as Boolean columns first; sums of products and of ``when``
``bucketed``  events grouped by (customer, shortest window) with 20 aggregates, then the buckets added up
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from bench import workload
from bench.workload import Filter

THREADS = 2
_NUMBER = re.compile(r"(?<![\w'.])\d+(?:\.\d+)?")
_LIKE = re.compile(r"category LIKE '(\w+)%'")
CODES = 32  # a power of two above the number of categories


def name(at: int, window: str) -> str:
    return f"f{at:02d}_{window}"


def condition(one: Filter) -> str:
    """Return a filter's condition with amounts in minor units, as the columns hold them."""
    return _NUMBER.sub(lambda found: str(int(float(found[0]) * 100)), one.where)


# --- DuckDB --------------------------------------------------------------------------------------------------------


def duckdb_query(source: str) -> str:
    """Return the query over a table or file."""
    parts = ["customer"]
    for at, one in enumerate(workload.filters()):
        for window in workload.windows():
            start = workload.NOW - workload.span(window)
            mask = f"type = '{one.type}' AND ({condition(one)}) AND time BETWEEN make_timestamptz({start}) AND until"
            parts.append(f"{_duckdb(one)} FILTER (WHERE {mask}) AS {name(at, window)}")
    until = f"make_timestamptz({workload.NOW})"
    query = f"SELECT {', '.join(parts)} FROM {source} GROUP BY customer"
    return query.replace("AND until", f"AND {until}")


def _duckdb(one: Filter) -> str:
    target = one.property or "*"
    return {
        "count": "count(*)",
        "sum": f"sum({target})",
        "mean": f"avg({target})",
        "min": f"min({target})",
        "max": f"max({target})",
        "distinct": f"count(DISTINCT {target})",
        "last": f"arg_max({target}, time)",
    }[one.aggregate]


def duckdb_connection(database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    return duckdb.connect(database, config={"threads": THREADS})


def from_duckdb(connection: duckdb.DuckDBPyConnection, source: str) -> pa.Table:
    return connection.sql(duckdb_query(source)).to_arrow_table()


# --- Polars --------------------------------------------------------------------------------------------------------

Plan = Callable[[pl.LazyFrame], pl.LazyFrame]


def _where(one: Filter) -> pl.Expr:
    """Return type and condition; LIKE as the categories that match, which spares Polars the texts."""
    matching = [f"c{at}" for at in range(workload.CATEGORIES)]

    def listed(found: re.Match[str]) -> str:
        return "category IN (" + ", ".join(f"'{text}'" for text in matching if text.startswith(found[1])) + ")"

    return (pl.col("type") == one.type) & pl.sql_expr(_LIKE.sub(listed, condition(one)))


def _inside(window: str) -> pl.Expr:
    start = workload.NOW - workload.span(window)
    return pl.col("time").to_physical().is_between(start, workload.NOW)


def _last() -> pl.Expr:
    """Return time and category in one number, so that the last category is a maximum."""
    return pl.col("time").to_physical() * CODES + pl.col("category").cast(CATEGORIES).to_physical().cast(pl.Int64)


CATEGORIES = pl.Enum([f"c{at}" for at in range(workload.CATEGORIES)])


def _category(packed: pl.Expr) -> pl.Expr:
    return (packed % CODES).cast(pl.UInt8).cat.to(CATEGORIES)


def filtered(events: pl.LazyFrame) -> pl.LazyFrame:
    found = []
    for at, one in enumerate(workload.filters()):
        for window in workload.windows():
            mask = _where(one) & _inside(window)
            value = pl.col(one.property).filter(mask) if one.property else mask
            found.append(
                {
                    "count": mask.sum(),
                    "sum": value.sum(),
                    "mean": value.mean(),
                    "min": value.min(),
                    "max": value.max(),
                    "distinct": value.n_unique(),
                    "last": _last().filter(mask).max(),
                }[one.aggregate].alias(name(at, window))
            )
    return _unpacked(events.group_by("customer").agg(found))


def masked(events: pl.LazyFrame) -> pl.LazyFrame:
    filters, windows = workload.filters(), workload.windows()
    masks = [_where(one).alias(f"m{at}") for at, one in enumerate(filters)]
    masks += [_inside(window).alias(f"w{window}") for window in windows]
    packed = _last().alias("packed")
    bit = pl.lit(1, pl.Int64) * 2 ** pl.col("category").cast(CATEGORIES).to_physical().cast(pl.Int64)
    found = []
    for at, one in enumerate(filters):
        for window in windows:
            mask = pl.col(f"m{at}") & pl.col(f"w{window}")
            found.append(_of_mask(one, mask).alias(name(at, window)))
    return _unpacked(
        events.with_columns(*masks, packed, bit.cast(pl.Int64).alias("bit")).group_by("customer").agg(found)
    )


def _of_mask(one: Filter, mask: pl.Expr) -> pl.Expr:
    if one.aggregate == "count":
        return mask.sum()
    if one.aggregate == "sum":
        return (pl.col("amount") * mask).sum()
    if one.aggregate == "distinct":
        return pl.when(mask).then("bit").bitwise_or().bitwise_count_ones()
    held = pl.when(mask).then("packed" if one.aggregate == "last" else "amount")
    return {"mean": held.mean(), "min": held.min(), "max": held.max(), "last": held.max()}[one.aggregate]


def bucketed(events: pl.LazyFrame) -> pl.LazyFrame:
    filters, windows = workload.filters(), workload.windows()
    bucket = pl.lit(len(windows), pl.Int8)
    for at, window in reversed(list(enumerate(windows))):
        bucket = pl.when(_inside(window)).then(pl.lit(at, pl.Int8)).otherwise(bucket)
    bit = pl.lit(1, pl.Int64) * 2 ** pl.col("category").cast(CATEGORIES).to_physical().cast(pl.Int64)
    masks = [_where(one).alias(f"m{at}") for at, one in enumerate(filters)]
    first = []
    for at, one in enumerate(filters):
        mask = pl.col(f"m{at}")
        if one.aggregate == "mean":
            first += [(pl.col("amount") * mask).sum().alias(f"s{at}"), mask.sum().alias(f"n{at}")]
        elif one.aggregate == "distinct":
            first.append(pl.when(mask).then("bit").bitwise_or().alias(f"s{at}"))
        else:
            first.append(_of_mask(one, mask).alias(f"s{at}"))
    second = [
        _of_buckets(one, at, pl.col("bucket") <= place).alias(name(at, window))
        for at, one in enumerate(filters)
        for place, window in enumerate(windows)
    ]
    columns = [*masks, bucket.alias("bucket"), _last().alias("packed"), bit.cast(pl.Int64).alias("bit")]
    small = events.with_columns(columns).group_by("customer", "bucket").agg(first)
    return _unpacked(small.group_by("customer").agg(second))


def _of_buckets(one: Filter, at: int, mask: pl.Expr) -> pl.Expr:
    held = pl.when(mask).then(f"s{at}")
    if one.aggregate == "mean":
        count = pl.when(mask).then(f"n{at}").sum()
        return pl.when(count > 0).then(held.sum() / count)
    if one.aggregate == "distinct":
        return held.bitwise_or().bitwise_count_ones()
    return held.min() if one.aggregate == "min" else held.max() if one.aggregate in ("max", "last") else held.sum()


def _unpacked(genomes: pl.LazyFrame) -> pl.LazyFrame:
    last = [
        name(at, window)
        for at, one in enumerate(workload.filters())
        if one.aggregate == "last"
        for window in workload.windows()
    ]
    return genomes.with_columns(_category(pl.col(last)))


PLANS: dict[str, Plan] = {"filtered": filtered, "masked": masked, "bucketed": bucketed}


def from_polars(plan: str, events: pl.LazyFrame) -> pl.DataFrame:
    return PLANS[plan](events).collect(engine="streaming")


def polars_parquet(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path)
