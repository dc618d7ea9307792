"""Run plain Python functions over columns, in Arrow batches."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import Column
from pyspark.sql.pandas import functions as pandas_functions


def batch_udf(function: Callable[..., Any], type_: str) -> Callable[..., Column]:
    """Make a column function of one that works on an iterator of batches.

    ``function`` yields one batch per input batch, and ``type_`` is its type as Spark writes it. Call
    this while a session runs, and not as a decorator: Spark parses the type in the session.
    """
    make: Any = pandas_functions.pandas_udf
    udf: Callable[..., Column] = make(function, type_)
    return udf
