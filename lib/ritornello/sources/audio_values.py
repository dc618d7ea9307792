"""Values of catalogue files, which are text: numbers, days and Python lists."""

import ast
from collections.abc import Iterator

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.arrow import batch_udf

FIRST_DAY = "1583-01-01"  # the first full year of today's calendar
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"


def number(text: str, low: float, high: float) -> Column:
    """Read a decimal number within a range.

    Anything else, also 'NaN' or '1d', is null.
    """
    trimmed = F.trim(text)
    value = F.when(trimmed.rlike(NUMBER), trimmed.cast("double"))
    return F.when(value.between(low, high), value)


def whole(text: str, low: int, high: int) -> Column:
    """Read a whole number within a range.

    It may also be written 7.0 or True. Anything else is null.
    """
    flag = F.when(F.lower(F.trim(text)) == "true", 1.0).when(F.lower(F.trim(text)) == "false", 0.0)
    value = F.coalesce(number(text, low, high), flag)
    return F.when(value == F.floor(value), value.cast("int"))


def released_by(text: Column) -> Column:
    """Return the last day that a day, month or year can mean.

    Anything else is null, also a day before ``FIRST_DAY``, which Spark refuses to write.
    """
    day = F.to_date(F.when(text.rlike(r"^\d{4}-\d{2}-\d{2}$"), text), "yyyy-MM-dd")
    month = F.concat(F.when(text.rlike(r"^\d{4}-(0[1-9]|1[0-2])$"), text), F.lit("-01"))
    year = F.concat(F.when(text.rlike(r"^[1-9]\d{3}$"), text), F.lit("-12-31"))
    last = F.coalesce(day, F.last_day(F.to_date(month)), F.to_date(year))
    return F.when(last >= F.lit(FIRST_DAY).cast("date"), last)


def text_lists(rows: DataFrame, *names: str) -> DataFrame:
    """Add the named ``_line`` fields as lists of texts.

    A field that is not such a list is null.
    """
    read = batch_udf(_read_lists, "array<string>")
    return rows.withColumns({name: read(F.col(f"_line.{name}")) for name in names})


def id_list(name: str) -> Column:
    """Trim the ids of the list.

    The list is null if one of them is empty.
    """
    trimmed = F.transform(name, F.trim)
    return F.when(~F.exists(trimmed, lambda one: one == ""), trimmed)


def read_list(text: str | None) -> list[str] | None:
    """Read a list of texts as Python writes it.

    Anything else, also an empty field, gives None.
    """
    try:
        value = ast.literal_eval(text) if text else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    good = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return value if good else None


def _read_lists(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
    for batch in batches:
        yield pd.Series([read_list(text) for text in batch], dtype=object)
