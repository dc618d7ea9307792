"""The split of a data set for a comparison.

It is a warehouse of its own, from which all else is derived.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before
from ritornello.errors import BadInputError
from ritornello.evaluation.split import border, drawn_items, eligible_listeners, with_roles
from ritornello.instants import from_seconds, iso
from ritornello.intake.changes import ADDED, REMOVED, note_changes
from ritornello.job import Context
from ritornello.tables.store import Store


@dataclass(frozen=True)
class Split:
    """The borders of test and validation, the test's nights, and its listeners.

    ``listeners`` counts those who take part.
    """

    test: datetime
    validation: datetime
    nights: tuple[datetime, ...]
    listeners: int


def make_split(context: Context, source: Store) -> Split:
    """Write the plays that take part into the context's warehouse.

    The same split again does nothing.
    """
    settings = context.settings.compare
    mark = _mark(context, source)
    if context.store.marked("split_listeners", mark) is None:
        with context.step("split"):
            plays, test, validation = _plays_and_borders(context, source.read("plays"))
            listeners = _listeners(context, plays, test=test, validation=validation)
            _copy(context, source, plays.join(listeners, on="user_id", how="left_semi"))
            borders = {
                "validation_border": F.lit(iso(validation)).cast("timestamp"),
                "test_border": F.lit(iso(test)).cast("timestamp"),
            }
            context.store.replace("split_listeners", listeners.withColumns(borders), mark=mark)
    stored = context.store.read("split_listeners").select(
        *(F.unix_seconds(name).alias(name) for name in ("test_border", "validation_border"))
    )
    row = stored.groupBy(*stored.columns).count().first()
    assert row is not None
    test, validation = (from_seconds(row[name]) for name in ("test_border", "validation_border"))
    days = [test + timedelta(days=n * settings.night_step_days) for n in range(settings.nights)]
    nights = tuple(days) if settings.protocol == "nightly" else (test,)
    return Split(test, validation, nights, row["count"])


def _mark(context: Context, source: Store) -> str:
    """Return what the split depends on.

    That is the plays and the settings of the protocol.
    """
    kept = context.settings.compare.model_dump(
        include={
            "protocol", "eligible", "items", "draw", "item_seed", "listener_seed", "test_share",
            "validation_listeners", "nights", "night_step_days", "night_horizon_days",
        }
    )  # fmt: skip
    if context.settings.compare.protocol == "nightly":
        kept["counted"] = "before the test"
    return "split " + json.dumps({"plays": source.version("plays"), **kept}, sort_keys=True)


def _plays_and_borders(context: Context, plays: DataFrame) -> tuple[DataFrame, datetime, datetime]:
    """Return the plays that are kept, and the test's and validation's border.

    Night by night the items are drawn by their plays before the test. The paper draws them by the
    plays of the whole log, the test included.
    """
    if context.settings.compare.protocol == "nightly":
        test, validation = _borders(context, plays)
        return _kept_items(context, plays, counted=before(plays, test)), test, validation
    kept = _kept_items(context, plays, counted=plays)
    return kept, *_borders(context, kept)


def _kept_items(context: Context, plays: DataFrame, *, counted: DataFrame) -> DataFrame:
    settings = context.settings.compare
    if settings.items is None:
        return plays
    counts = counted.groupBy(F.col("track_id").alias("item_id")).agg(F.count("*").alias("plays"))
    drawn = drawn_items(counts, number=settings.items, how=settings.draw, seed=settings.item_seed)
    context.store.replace("split_items", drawn.withColumnRenamed("item_id", "track_id"))
    return plays.join(context.store.read("split_items"), on="track_id", how="left_semi")


def _borders(context: Context, plays: DataFrame) -> tuple[datetime, datetime]:
    """Return the test's border and the validation's."""
    settings = context.settings.compare
    if settings.protocol == "paper":
        test = border(plays, newest_share=settings.test_share)
        return test, border(before(plays, test), newest_share=settings.test_share)
    span = timedelta(
        days=(settings.nights - 1) * settings.night_step_days + settings.night_horizon_days
    )
    ends = plays.agg(F.max(F.unix_seconds("played_at")), F.min(F.unix_seconds("played_at"))).first()
    if ends is None or ends[0] is None:
        raise BadInputError("there are no plays to split: import some first")
    last = from_seconds(ends[0] + 1)
    first_night = (last - span).replace(hour=0, minute=0, second=0)
    if first_night <= from_seconds(ends[1]):
        raise BadInputError(
            f"the history from {iso(from_seconds(ends[1]))} to {iso(last)} is too short for "
            f"{settings.nights} nights: lower compare.nights or compare.night_horizon_days"
        )
    return first_night, first_night - timedelta(days=settings.night_horizon_days)


def _listeners(
    context: Context, plays: DataFrame, *, test: datetime, validation: datetime
) -> DataFrame:
    settings = context.settings.compare
    if settings.protocol == "nightly":
        everybody = plays.select("user_id").distinct()
        return everybody.withColumn("role", F.lit("train"))
    taking_part = eligible_listeners(
        plays, validation=validation, test=test, published=settings.eligible == "published"
    ).localCheckpoint()
    if taking_part.isEmpty():
        raise BadInputError(
            f"no listener has the plays before and after {iso(test)} that compare.eligible="
            f"{settings.eligible} asks for: import a longer history"
        )
    return with_roles(
        taking_part, validation=settings.validation_listeners, seed=settings.listener_seed
    ).localCheckpoint()


def _copy(context: Context, source: Store, plays: DataFrame) -> None:
    """Copy plays, and the listeners, tracks and artists that they name."""
    store = context.store
    by_month = plays.repartition("month").sortWithinPartitions("user_id", "played_at")
    gone = {REMOVED: store.read("plays")} if store.exists("plays") else {}
    version = store.replace("plays", by_month).version
    kept = store.read("plays")
    note_changes(store, {ADDED: kept, **gone}, version=version)
    store.replace("users", source.read("users").join(kept, on="user_id", how="left_semi"))
    store.replace("tracks", source.read("tracks").join(kept, on="track_id", how="left_semi"))
    tracks = store.read("tracks")
    store.replace("artists", source.read("artists").join(tracks, on="artist_id", how="left_semi"))
