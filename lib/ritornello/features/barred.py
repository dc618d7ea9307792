"""Mark the places that a rule or the time of availability forbids."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.states import PAIR

BARRED = "_barred"


@dataclass(frozen=True)
class Rules:
    """Items that may not be served.

    ``items`` (item_id) may be served to nobody, ``pairs`` (item_id, user_id) not to that listener,
    and ``explicit`` (item_id) not to the listeners ``clean`` (user_id). None forbids nothing.
    """

    items: DataFrame | None = None
    pairs: DataFrame | None = None
    explicit: DataFrame | None = None
    clean: DataFrame | None = None


NO_RULES = Rules()


def rules_of(facts: DataFrame, bars: DataFrame | None) -> Rules:
    """Say what the bars and the time of availability forbid.

    ``facts`` has one row per item: item_id, source_track_id, source_artist_id, explicit (null:
    unknown, which forbids nothing) and available. ``bars`` has user_id (null: everybody), what (track,
    artist or explicit) and source_id; None: there are no rules.
    """
    gone = facts.where(~F.col("available")).select("item_id")
    if bars is None:
        return Rules(gone)
    explicit = facts.where("explicit").select("item_id")
    of_all, of_one = bars.where("user_id IS NULL"), bars.where("user_id IS NOT NULL")
    words = of_all.where("what = 'explicit'").limit(1).select("what")
    barred = _named(facts, of_all).select("item_id")
    barred = barred.unionByName(explicit.crossJoin(words).select("item_id"))
    return Rules(
        gone.unionByName(barred).distinct(),
        _named(facts, of_one).distinct(),
        explicit,
        of_one.where("what = 'explicit'").select("user_id").distinct(),
    )


def with_barred(rows: DataFrame, rules: Rules) -> DataFrame:
    """Add whether the rules forbid the place (user_id, item_id), as ``BARRED``."""
    marks: list[tuple[DataFrame, Sequence[str]]] = []
    if rules.items is not None:
        marks.append((rules.items, ["item_id"]))
    if rules.pairs is not None:
        marks.append((rules.pairs, PAIR))
    if rules.explicit is not None and rules.clean is not None:
        marks.append((_both(rows, rules.explicit, rules.clean), PAIR))
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
