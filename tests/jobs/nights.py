"""A small night for the tests: run it, change its future, compare two of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from rich.console import Console

from ritornello.instants import compact
from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from ritornello.night.refresh import refresh
from ritornello.settings.loading import load_settings
from ritornello.settings.settings import Settings
from ritornello.tables.contracts import contracts
from ritornello.tables.store import Store

AS_OF = datetime(2025, 1, 6, tzinfo=UTC)
CONF = Path(__file__).with_name("night.yaml")
# the smallest listening and models there are, where it is not the results that are tested
SMALLEST = (
    *("generator.listeners=60", "generator.tracks=1000", "als.iterations=1"),
    *("ranker.trees=5", "recommend.length=40"),
)
SMALLEST_OPTIONS = tuple(word for one in SMALLEST for word in ("--set", one))
# not as of an instant, and so left out of the comparison
NOT_DERIVED = {
    *("plays", "rejected_plays", "changed_listeners", "deliveries", "runs", "evaluations"),
    *("checks", "published", "leases", "outcomes", "recordings", "bars"),
}
# a comparison's own; its methods have a leak test of theirs
COMPARED = {"method_lists", "split_listeners", "split_items"}
CATALOGUE = {"users", "tracks", "artists"}
DERIVED = [name for name in contracts() if name not in NOT_DERIVED | CATALOGUE | COMPARED]


@dataclass(frozen=True)
class Night:
    """A finished night: its warehouse and what it measured."""

    store: Store
    metrics: dict


def night_settings(warehouse: Path, *overrides: str) -> Settings:
    return load_settings([CONF], [f"warehouse={warehouse}", *overrides])


def run_night(spark: SparkSession, folder: Path, warehouse: Path) -> Night:
    settings = night_settings(warehouse)
    store = Store(spark, settings.warehouse)
    context = Context(spark, store, settings, Console(quiet=True))
    import_plays(context, folder=str(folder))
    refresh(context, AS_OF)
    return finished(spark, warehouse)


def finished(spark: SparkSession, warehouse: Path) -> Night:
    report = warehouse / "track" / "reports" / compact(AS_OF) / "metrics.json"
    return Night(Store(spark, str(warehouse)), json.loads(report.read_text()))


def with_another_future(spark: SparkSession, folder: Path, target: Path) -> None:
    """The same listening up to AS_OF, another one after it.

    Plays from AS_OF on: every other one is dropped, the rest move by an hour or to other tracks.
    Tracks first played at or after AS_OF leave the catalogue, a new one is played by everybody, a
    new listener arrives, and all undated counts are scrambled.
    """
    plays = (
        spark.read.parquet(f"{folder}/interactions.parquet")
        .select("character_index", F.explode("actions").alias("a"))
        .select("character_index", "a.track_index", "a.timestamp", F.col("a.1").alias("w"))
    )
    border = AS_OF.strftime("%Y-%m-%d %H:%M:%S UTC")
    past, future = (
        plays.where(F.col("timestamp") < border),
        plays.where(F.col("timestamp") >= border),
    )
    known = past.select("track_index").distinct()
    draw = F.pmod(F.xxhash64("character_index", "track_index", "timestamp"), F.lit(4))
    kept = future.where(draw >= 2).join(known, "track_index", "left_semi")
    hits = (
        past.select("character_index")
        .distinct()
        .select(
            "character_index",
            F.lit(999_999_1).alias("track_index"),
            F.lit("2025-01-07 10:00:00 UTC").alias("timestamp"),
            F.lit(1).alias("w"),
        )
    )
    newcomer = kept.limit(5).withColumn("character_index", F.lit(9_999_999))
    everything = past.unionByName(kept).unionByName(hits).unionByName(newcomer)
    action = F.struct("track_index", "timestamp", F.col("w").alias("1"))
    nested = everything.groupBy("character_index").agg(F.collect_list(action).alias("actions"))
    nested.withColumn("size_of_actions", F.size("actions")).write.parquet(
        f"{target}/interactions.parquet"
    )
    tracks = spark.read.parquet(f"{folder}/tracks.parquet")
    played_past = tracks.join(known, "track_index", "left_semi")
    new = (
        tracks.limit(1)
        .withColumn("track_index", F.lit(999_999_1))
        .withColumn("track_id", F.lit("x999999999"))
    )
    scrambled = played_past.unionByName(new).withColumn(
        "track_count", F.pmod(F.xxhash64("track_index"), F.lit(1000)).cast("int")
    )
    scrambled.select(tracks.columns).write.parquet(f"{target}/tracks.parquet")


def ids_before(store: Store, as_of: datetime) -> dict[str, dict]:
    """Dense ids by source id of whatever was played before the instant."""
    past = store.read("plays").where(F.col("played_at") < F.lit(as_of))
    return {
        name: dict(
            store.read(f"{name}s")
            .join(past.select(f"{name}_id").distinct(), f"{name}_id", "left_semi")
            .select(f"source_{name}_id", f"{name}_id")
            .collect()
        )
        for name in ("user", "track")
    }


def rows_of(table: DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    return table.toPandas().sort_values(list(key)).reset_index(drop=True)


def differences(one: Store, other: Store, name: str, *, relative: float = 1e-9) -> list[str]:
    """Columns in which two tables differ: keys, counts and times exactly, floats relatively."""
    contract = one.contracts[name]
    a, b = (rows_of(store.read(name), contract.key) for store in (one, other))
    if len(a) != len(b):
        return [f"{name}: {len(a)} rows and {len(b)}"]
    return [f"{name}.{c}" for c in a.columns if not _same(a[c], b[c], relative)]


def all_differences(one: Store, other: Store, names: Iterable[str]) -> list[str]:
    """The differences of those tables that either has, to 1e-9 for floats."""
    known = [name for name in names if one.exists(name) or other.exists(name)]
    return [found for name in known for found in differences(one, other, name)]


def _same(a: pd.Series, b: pd.Series, relative: float) -> bool:
    if a.dtype == object:
        return all(_same_cell(x, y, relative) for x, y in zip(a, b, strict=True))
    if a.dtype.kind == "f":
        return bool(np.allclose(a, b, rtol=relative, atol=0, equal_nan=True))
    return bool(a.equals(b))


def _same_cell(x: object, y: object, relative: float) -> bool:
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return len(x) == len(y) and bool(np.allclose(x, y, rtol=relative, atol=0, equal_nan=True))
    if isinstance(x, np.ndarray):
        return list(x) == list(y)
    return x == y or (x is None and y is None) or (x != x and y != y)


def best_mixed(store: Store, depth: int) -> dict[int, list[int]]:
    """Each listener's mixed list down to a depth."""
    table = store.read("recommendations", as_of=AS_OF).where(F.col("list") == "mixed")
    rows = table.where(F.col("rank") <= depth).orderBy("user_id", "rank").collect()
    lists: dict[int, list[int]] = {}
    for row in rows:
        lists.setdefault(row["user_id"], []).append(row["track_id"])
    return lists
