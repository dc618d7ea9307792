"""Tables that an older version wrote are brought up to date; others are refused, never half read.

A column that may be null is added, and is null in the rows there are. When the meaning of rows
changes, the contract's version rises and ``MIGRATIONS`` says in SQL how they are rewritten; without
an entry the table is refused, and has to be derived anew.
"""

from pyspark.sql import SparkSession

from ritornello.errors import UsageError
from ritornello.tables.contracts import Contract
from ritornello.tables.creation import CONTRACT_VERSION
from ritornello.tables.snapshots import table_columns, table_property

# (table, version it has): statements that make it the next version; {table} stands for the table
MIGRATIONS: dict[tuple[str, int], tuple[str, ...]] = {
    ("recommendations", 1): (  # explored is a list, too
        "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS known_list",
        "ALTER TABLE {table} ADD CONSTRAINT known_list "
        "CHECK (list IN ('mixed', 'repeats', 'new', 'explored'))",
    ),
    ("transition_sums", 1): (  # without the steps in transitions: they are summed up again
        "DELETE FROM {table}",
    ),
}


def check_version(spark: SparkSession, path: str, contract: Contract) -> None:
    """Raise unless the table is as the contract promises it by now."""
    changes = needed(spark, path, contract)
    if changes:
        raise UsageError(
            f"table {contract.name} was written by an older version of Ritornello "
            f"({'; '.join(changes)}): run `ritornello migrate` once"
        )


def needed(spark: SparkSession, path: str, contract: Contract) -> list[str]:
    """What has to change, told; raises if it cannot be brought up to date."""
    stored = _stored(spark, path)
    if stored > contract.version:
        raise UsageError(
            f"table {contract.name} was written by a newer version of Ritornello (contract "
            f"{stored}, this one knows {contract.version}): use that version"
        )
    steps = range(stored, contract.version)
    missing = _missing(spark, path, contract)
    lost = [name for name in missing if not contract.column(name).nullable]
    if any((contract.name, step) not in MIGRATIONS for step in steps) or (lost and not steps):
        raise UsageError(
            f"table {contract.name} was written by an older version of Ritornello and cannot be "
            f"brought up to date: remove {path} and run the job that writes it"
        )
    told = [f"contract {step} to {step + 1}" for step in steps]
    return told + [f"new column {name}" for name in missing if name not in lost]


def migrate(spark: SparkSession, path: str, contract: Contract) -> None:
    """Bring a table up to date; each statement is a commit, and a rerun goes on where it stopped."""
    table = f"delta.`{path}`"
    for step in range(_stored(spark, path), contract.version):
        for statement in MIGRATIONS[contract.name, step]:
            spark.sql(statement.format(table=table))
        spark.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ('{CONTRACT_VERSION}' = '{step + 1}')")
    for name in _missing(spark, path, contract):
        column = contract.column(name)
        kind = column.type.split(" or ")[0]
        told = column.meaning.replace("'", "\\'")
        spark.sql(f"ALTER TABLE {table} ADD COLUMNS (`{name}` {kind} COMMENT '{told}')")


def _stored(spark: SparkSession, path: str) -> int:
    return int(table_property(spark, path, CONTRACT_VERSION) or 1)


def _missing(spark: SparkSession, path: str, contract: Contract) -> list[str]:
    found = table_columns(spark, path)
    return [column.name for column in contract.columns if column.name not in found]
