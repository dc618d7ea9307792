"""Plain Python functions over columns, in Arrow batches."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import Column
from pyspark.sql.pandas import functions as pandas_functions


def batch_udf(function: Callable[..., Any], type_: str) -> Callable[..., Column]:
    """``function`` takes an iterator of batches and yields as many; ``type_`` as Spark writes it.

    A plain call and no decorator: a type in words needs a running session.
    """
    make: Any = pandas_functions.pandas_udf
    made: Callable[..., Column] = make(function, type_)
    return made
