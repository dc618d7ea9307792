"""Check rows against their contract: columns, key and row budget."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import ContractError
from ritornello.tables.conflicts import OVER_BUDGET
from ritornello.tables.contracts import Column, Contract


def check_columns(df: DataFrame, contract: Contract) -> DataFrame:
    """Return the columns in the contract's order.

    Raise one ContractError that names every difference.
    """
    actual = {field.name: field.dataType.simpleString() for field in df.schema.fields}
    expected = {column.name: column for column in contract.columns}
    problems = [
        *(f"missing {name} {expected[name].type}" for name in expected if name not in actual),
        *(f"unexpected {name} {actual[name]}" for name in actual if name not in expected),
        *(
            f"{name} is {actual[name]}, expected {expected[name].type}"
            for name in expected
            if name in actual and not _accepts(expected[name], actual[name])
        ),
    ]
    if problems:
        raise ContractError(f"table {contract.name}: " + "; ".join(problems))
    return df.select(*expected)


def as_of_now(df: DataFrame, contract: Contract) -> DataFrame:
    """Give rows of an older version the columns of the contract.

    Nullable columns that they lack are null. Numbers that are text by now become text.
    """
    types = {field.name: field.dataType.simpleString() for field in df.schema.fields}
    missing = [one for one in contract.columns if one.nullable and one.name not in types]
    added = {one.name: F.lit(None).cast(one.type.split(" or ")[0]) for one in missing}
    texts = [one.name for one in contract.columns if one.type == "string"]
    numbers = [name for name in texts if types.get(name) == "bigint"]
    return df.withColumns(added | {name: F.col(name).cast("string") for name in numbers})


def _accepts(column: Column, type_: str) -> bool:
    return type_ in column.type.split(" or ")


ROWS_OF_A_TASK = 1 << 33  # in every task, Spark's row ids start at a multiple of it


def within_budget(df: DataFrame, budget: int | None) -> DataFrame:
    """Fail as soon as one task produces more than ``budget`` rows.

    Rows are counted while they are written, so a join that multiplies them stops early. Each task
    counts only its own rows, so all tasks together may write a multiple of the budget.
    """
    if budget is None:
        return df
    nth = F.pmod(F.monotonically_increasing_id(), F.lit(ROWS_OF_A_TASK))
    stop = F.raise_error(F.lit(OVER_BUDGET)).cast("boolean")
    return df.where(F.when(nth < budget, F.lit(True)).otherwise(stop))


def count_rows(df: DataFrame, contract: Contract) -> int:
    """Count rows. Raise ContractError if a key is duplicated.

    Hashes of the keys are compared first, which is cheaper. The keys themselves are compared only if
    two hashes are equal.
    """
    if not contract.key:
        return df.count()
    hashes = F.count_distinct(F.xxhash64(*contract.key))
    counts = df.agg(F.count("*").alias("rows"), hashes.alias("hashes")).first()
    assert counts is not None
    rows, repeated = int(counts["rows"]), 0
    if counts["hashes"] < rows:
        repeated = _repeated(df.select(*contract.key))
    if repeated:
        raise ContractError(
            f"table {contract.name}: {repeated} keys ({_names(contract.key)}) are duplicated"
        )
    return rows


def _repeated(keys: DataFrame) -> int:
    """Count the keys that several rows have."""
    return keys.groupBy(*keys.columns).agg(F.count("*").alias("_n")).where("_n > 1").count()


def _names(columns: Sequence[str]) -> str:
    return ", ".join(columns)
