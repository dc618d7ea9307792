"""Dense ids: 0, 1, 2, … in a fixed order.

No row is brought to the driver.
"""

from collections.abc import Callable, Sequence

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.errors import BadInputError

LARGEST_ID = 2**31 - 1
PLACE_BITS = 33  # low bits of monotonically_increasing_id; above is the partition number


def keep_on_disk(df: DataFrame) -> DataFrame:
    return df.persist(StorageLevel.DISK_ONLY)


def with_dense_ids(
    new: DataFrame,
    *,
    id_column: str,
    order_by: Sequence[Column],
    first_id: int,
    keep: Callable[[DataFrame], DataFrame] = keep_on_disk,
) -> DataFrame:
    """Add ``id_column``: first_id, first_id + 1, … in the order of ``order_by``.

    ``order_by`` must have no ties. Rows are sorted by range, and only the size of each partition
    reaches the driver. ``keep`` must cache the sorted rows, so that sizes and places come from the
    same computation.
    """
    ranged = new.repartitionByRange(*order_by).sortWithinPartitions(*order_by)
    placed = keep(ranged.withColumn("_place", F.monotonically_increasing_id()))
    partition = F.shiftright("_place", PLACE_BITS)
    sizes = sorted(placed.groupBy(partition.alias("partition")).count().collect())
    offsets: list[tuple[int, int]] = []
    next_id = first_id
    for size in sizes:
        offsets.append((int(size["partition"]), next_id))
        next_id += int(size["count"])
    if next_id - 1 > LARGEST_ID:
        raise BadInputError(
            f"{id_column}: ids would exceed {LARGEST_ID:,}, the largest that fits the column"
        )
    place = F.col("_place").bitwiseAND(F.lit(2**PLACE_BITS - 1))
    return placed.withColumn(id_column, (_offset_of(offsets, partition) + place).cast("int")).drop(
        "_place"
    )


def _offset_of(offsets: list[tuple[int, int]], partition: Column) -> Column:
    """Look up the offset of the row's partition."""
    if not offsets:
        return F.lit(0).cast("bigint")
    pairs = (F.lit(value).cast("bigint") for pair in offsets for value in pair)
    return F.create_map(*pairs)[partition]
