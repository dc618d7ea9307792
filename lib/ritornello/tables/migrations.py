"""Bring tables of an older version up to date, or refuse to read them.

A new column that may be null is added and is null in the stored rows. When the meaning of rows
changes, the contract's version rises, and ``MIGRATIONS`` has the SQL that rewrites them, or
``REWRITES`` a function. Without an entry the table is refused and must be derived again.
"""

from collections.abc import Callable

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.tables.contracts import CANDIDATE_SOURCES, Contract
from ritornello.tables.contracts.contract import CONTRACT_VERSION
from ritornello.tables.snapshots import table_columns, table_property
from ritornello.tables.source_keys import (
    none_united,
    playlists_under_keys,
    recommendations_under_keys,
    rejected_under_keys,
    tracks_under_keys,
    users_under_keys,
)

# (table, its version): statements that make the next version; {table} stands for the table
MIGRATIONS: dict[tuple[str, int], tuple[str, ...]] = {
    ("recommendations", 1): (  # explored is a list as well
        "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS known_list",
        "ALTER TABLE {table} ADD CONSTRAINT known_list "
        "CHECK (list IN ('mixed', 'repeats', 'new', 'explored'))",
    ),
    ("published", 1): (  # lists that places were taken out of are published again
        "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS known_action",
        "ALTER TABLE {table} ADD CONSTRAINT known_action "
        "CHECK (action IN ('publish', 'rollback', 'bar'))",
    ),
    ("transition_sums", 1): (  # steps in transitions are left out by now: sum up again
        "DELETE FROM {table}",
    ),
}

# (table, its version): a function of the stored rows, which may read other tables by name
Read = Callable[[str], DataFrame]
Rule = Callable[[DataFrame, Read], DataFrame]
REQUIRED = "required"
UNIQUE = {"users": ("source_user_id",), "tracks": ("source_track_id",)}
REWRITES: dict[tuple[str, int], Rule] = {
    ("candidates", 1): lambda stored, _: candidates_by_listener(stored),
    ("recordings", 1): lambda stored, _: none_united(stored),
    ("users", 1): users_under_keys,
    ("tracks", 1): tracks_under_keys,
    ("rejected_plays", 1): rejected_under_keys,
    ("recommendations", 2): recommendations_under_keys,
    ("playlists", 1): playlists_under_keys,
    ("cand_tracks", 1): playlists_under_keys,
}


def candidates_by_listener(stored: DataFrame) -> DataFrame:
    """One row per listener and instant, of rows that had one candidate each."""
    columns = [f"{source}_{name}" for source in CANDIDATE_SOURCES for name in ("score", "rank")]
    types = {"score": "array<float>", "rank": "array<int>"}
    candidate = F.struct("item_id", *columns)
    by_user = stored.groupBy("as_of", "user_id").agg(
        F.sort_array(F.collect_list(candidate)).alias("_all")
    )
    arrays = [
        F.col("_all")[name].cast(types[name.rpartition("_")[2]]).alias(f"{name}s")
        for name in columns
    ]
    return by_user.select("as_of", "user_id", F.col("_all")["item_id"].alias("item_ids"), *arrays)


def check_version(spark: SparkSession, path: str, contract: Contract) -> None:
    """Raise UsageError unless the table has the version of the contract."""
    changes = needed(spark, path, contract)
    if changes:
        raise UsageError(
            f"table {contract.name} was written by an older version of Ritornello "
            f"({'; '.join(changes)}): run `ritornello migrate` once"
        )


def needed(spark: SparkSession, path: str, contract: Contract) -> list[str]:
    """List the changes that bring a table up to date.

    Raise UsageError if it cannot be brought up to date.
    """
    stored = _stored(spark, path)
    if stored > contract.version:
        raise UsageError(
            f"table {contract.name} was written by a newer version of Ritornello (contract "
            f"{stored}, this version knows {contract.version}): use the newer version"
        )
    steps = range(stored, contract.version)
    missing = _missing(spark, path, contract)
    lost = [name for name in missing if not contract.column(name).nullable]
    ways = MIGRATIONS.keys() | REWRITES.keys()
    if any((contract.name, step) not in ways for step in steps) or (lost and not steps):
        raise UsageError(
            f"table {contract.name} in {path} was written by an older version of Ritornello and cannot "
            "be brought up to date: keep it, and run the jobs again in a new warehouse"
        )
    changes = [f"contract {step} to {step + 1}" for step in steps]
    return changes + [f"new column {name}" for name in missing if name not in lost]


def migrate(spark: SparkSession, path: str, contract: Contract, *, read: Read) -> None:
    """Bring a table up to date.

    Each statement is a commit of its own, so a rerun continues where an earlier one stopped. ``read``
    reads another table by name.
    """
    table = f"delta.`{path}`"
    for step in range(_stored(spark, path), contract.version):
        for statement in MIGRATIONS.get((contract.name, step), ()):
            spark.sql(statement.format(table=table))
        if (contract.name, step) in REWRITES:
            _rewrite(spark, path, contract, REWRITES[contract.name, step], read)
        spark.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ('{CONTRACT_VERSION}' = '{step + 1}')")
    for name in _missing(spark, path, contract):
        column = contract.column(name)
        kind = column.type.split(" or ")[0]
        comment = column.meaning.replace("'", "\\'")
        spark.sql(f"ALTER TABLE {table} ADD COLUMNS (`{name}` {kind} COMMENT '{comment}')")


def _rewrite(spark: SparkSession, path: str, contract: Contract, rule: Rule, read: Read) -> None:
    """Write a table anew in one commit.

    Delta drops NOT NULL with the old schema, so a constraint takes its place.
    """
    stored = spark.read.format("delta").load(path)
    known = [column.name for column in contract.columns]
    rows = rule(stored, read)
    rows = rows.select(*(name for name in known if name in rows.columns))
    for key in UNIQUE.get(contract.name, ()):
        twice = rows.groupBy(key).count().where("count > 1").orderBy(key).first()
        if twice is not None:
            raise UsageError(
                f"{contract.name}: {key} {twice[0]} would be the key of {twice['count']} rows, a text of "
                "one and the number of another: import the deliveries into a new warehouse"
            )
    if contract.partitions:
        rows = rows.repartition(*contract.partitions)
    writer = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    writer.partitionBy(*contract.partitions).save(path)
    if table_property(spark, path, f"delta.constraints.{REQUIRED}") is None:
        filled = [one.name for one in contract.columns if not one.nullable]
        rule_text = " AND ".join(f"{name} IS NOT NULL" for name in filled)
        spark.sql(f"ALTER TABLE delta.`{path}` ADD CONSTRAINT {REQUIRED} CHECK ({rule_text})")


def _stored(spark: SparkSession, path: str) -> int:
    return int(table_property(spark, path, CONTRACT_VERSION) or 1)


def _missing(spark: SparkSession, path: str, contract: Contract) -> list[str]:
    stored = table_columns(spark, path)
    return [column.name for column in contract.columns if column.name not in stored]
