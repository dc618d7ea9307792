"""Rows of a contract of which a test knows a few columns only."""

from pyspark.sql import functions as F

# facts of tracks that forbid nothing, with their columns
NO_LIMITS = (None, None, None)
LIMITS = {"explicit": "boolean", "available_from": "timestamp", "available_until": "timestamp"}


def zeros(spark, store, table, rows, **known):
    """Rows with some columns; all others of the contract get a value that no check looks at."""
    frame = spark.createDataFrame(rows, ", ".join(f"{n} {t}" for n, t in known.items()))
    for column in store.contracts[table].columns:
        if column.name not in known:
            empty = {"timestamp": "timestamp '2024-05-01'", "date": "date '2024-05-01'"}
            value = empty.get(column.type, "1")
            if column.type.startswith(("array", "map")):
                value = f"{column.type.partition('<')[0]}()"
            frame = frame.withColumn(column.name, F.expr(value).cast(column.type.split(" or ")[0]))
    return frame
