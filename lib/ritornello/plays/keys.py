"""Source keys: the text by which a source knows a listener or a track.

Where a text key comes beside a number, the key decides and the number only means something within
its delivery. Where there is none, the number is the key.
"""

from typing import Literal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

Ways = Literal["auto", "number", "either"]


def source_key(text: str, number: str, *, ways: Ways) -> Column:
    """Return the key of a row: its text, or its number as text.

    The number counts where there is no text. With ``ways`` "number" it is always the number. The
    text is trimmed.
    """
    as_text = F.col(number).cast("string")
    if ways == "number":
        return as_text
    return F.coalesce(F.when(F.trim(text) != "", F.trim(text)), as_text)


def with_first_number(numbered: DataFrame, *, number: str, key: str) -> DataFrame:
    """Add ``first_number``, the smallest number of the delivery with the same key."""
    of_key = Window.partitionBy(key)
    return numbered.withColumn("first_number", F.min(number).over(of_key))


def under_first_number(elements: DataFrame, numbered: DataFrame, *, number: str) -> DataFrame:
    """Replace each number by the first one of its key.

    ``numbered`` has the number and its ``first_number``. Numbers that it lacks stay.
    """
    others = numbered.where(F.col(number) != F.col("first_number")).select(number, "first_number")
    joined = elements.join(others, on=number, how="left")
    return joined.withColumn(number, F.coalesce("first_number", number)).select(*elements.columns)
