"""The check at the store's door: columns by name and type, and the key."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import ContractError
from ritornello.tables.conflicts import OVER_BUDGET
from ritornello.tables.contracts import Column, Contract


def check_columns(df: DataFrame, contract: Contract) -> DataFrame:
    """The columns in the contract's order, or one error that names every difference."""
    found = {field.name: field.dataType.simpleString() for field in df.schema.fields}
    promised = {column.name: column for column in contract.columns}
    problems = [
        *(f"missing {name} {promised[name].type}" for name in promised if name not in found),
        *(f"unexpected {name} {found[name]}" for name in found if name not in promised),
        *(
            f"{name} is {found[name]}, promised {promised[name].type}"
            for name in promised
            if name in found and not _accepts(promised[name], found[name])
        ),
    ]
    if problems:
        raise ContractError(f"table {contract.name}: " + "; ".join(problems))
    return df.select(*promised)


def with_later_columns(df: DataFrame, contract: Contract) -> DataFrame:
    """The rows of an older version of a table: columns that it lacks and that may be null are null."""
    lacking = [one for one in contract.columns if one.nullable and one.name not in df.columns]
    types = {one.name: one.type.split(" or ")[0] for one in lacking}
    return df.withColumns({name: F.lit(None).cast(type_) for name, type_ in types.items()})


def _accepts(column: Column, found: str) -> bool:
    return found in column.type.split(" or ")


ROWS_OF_A_TASK = 1 << 33  # Spark's row ids begin anew at a multiple of it in every task


def within_budget(df: DataFrame, budget: int | None) -> DataFrame:
    """The same rows; a task that is about to hand on more than ``budget`` of them fails at once.

    It is counted while the rows are written, so that a join that multiplies them stops early. A
    task's own count is all it knows: all tasks together may write a multiple of the budget.
    """
    if budget is None:
        return df
    nth = F.pmod(F.monotonically_increasing_id(), F.lit(ROWS_OF_A_TASK))
    stop = F.raise_error(F.lit(OVER_BUDGET)).cast("boolean")
    return df.where(F.when(nth < budget, F.lit(True)).otherwise(stop))


def count_rows(df: DataFrame, contract: Contract) -> int:
    """The number of rows; raises if a declared key stands in several of them."""
    if not contract.key:
        return df.count()
    per_key = df.groupBy(*contract.key).agg(F.count("*").alias("_n"))
    told = per_key.agg(
        F.coalesce(F.sum("_n"), F.lit(0)).alias("rows"),
        F.coalesce(F.sum((F.col("_n") > 1).cast("long")), F.lit(0)).alias("repeated"),
    ).first()
    assert told is not None
    if told["repeated"]:
        raise ContractError(
            f"table {contract.name}: {told['repeated']} keys ({_names(contract.key)}) repeat"
        )
    return int(told["rows"])


def _names(columns: Sequence[str]) -> str:
    return ", ".join(columns)
