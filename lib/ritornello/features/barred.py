"""Mark the places that a rule or the time of availability forbids."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.states import PAIR

BARRED = "_barred"


def with_barred(rows: DataFrame, facts: DataFrame, bars: DataFrame | None) -> DataFrame:
    """Add whether the place is forbidden, as ``BARRED``.

    ``rows`` have user_id and item_id. ``facts`` has one row per item: item_id, source_track_id,
    source_artist_id, explicit (null: unknown, which forbids nothing) and available. ``bars`` has
    user_id (null: everybody), what (track, artist or explicit) and source_id; None: there are no rules.
    """
    item = ["item_id"]
    marks: list[tuple[DataFrame, Sequence[str]]] = [(facts.where(~F.col("available")), item)]
    if bars is not None:
        of_all, of_one = bars.where("user_id IS NULL"), bars.where("user_id IS NOT NULL")
        explicit = facts.where("explicit")
        words = of_all.where("what = 'explicit'").limit(1).select("what")
        clean = of_one.where("what = 'explicit'").select("user_id")
        marks += [
            (_named(facts, of_all), item),
            (explicit.crossJoin(words), item),
            (_named(facts, of_one), PAIR),
            (_both(rows, explicit, clean), PAIR),
        ]
    return _marked(rows, marks)


def _named(facts: DataFrame, bars: DataFrame) -> DataFrame:
    """One row per item and rule that names it or its artist: item_id, user_id."""
    parts = [
        bars.where(F.col("what") == what).join(
            facts.select("item_id", F.col(f"source_{what}_id").alias("source_id")), "source_id"
        )
        for what in ("track", "artist")
    ]
    return parts[0].unionByName(parts[1]).select("item_id", "user_id")


def _both(rows: DataFrame, items: DataFrame, users: DataFrame) -> DataFrame:
    """Keep the pairs whose item and listener are in the frames."""
    of_users = rows.select(*PAIR).join(users, "user_id", "left_semi")
    return of_users.join(items, "item_id", "left_semi")


def _marked(rows: DataFrame, marks: Sequence[tuple[DataFrame, Sequence[str]]]) -> DataFrame:
    """Add whether a row's key is in any of the frames."""
    columns, names = rows.columns, [f"_mark_{nth}" for nth in range(len(marks))]
    for name, (keys, on) in zip(names, marks, strict=True):
        mark = keys.select(*on).distinct().withColumn(name, F.lit(True))
        rows = rows.join(mark, [*on], "left")
    return rows.select(*columns, F.coalesce(*names, F.lit(False)).alias(BARRED))
