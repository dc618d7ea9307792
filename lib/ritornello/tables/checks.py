"""The check at the store's door: columns by name and type, and the key."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import ContractError
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


def _accepts(column: Column, found: str) -> bool:
    return found in column.type.split(" or ")


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
