"""What a listener did with an item: the state of a pair, and how states are joined in time.

A state speaks of a stretch of time. ``pair_state`` reads it from the plays of the stretch, ``revalue``
carries it forward to a later instant, and ``then`` (the ⊕ of the design) joins a stretch with the one
that follows it. A rebuild from nothing and a nightly step are the same functions.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.features.decay import DECAYED, days_between, decay_sums, halved, instant
from ritornello.tables.contracts import HALF_LIVES_DAYS, LAST_PLAYS, PAIR_STATE

PAIR = ["user_id", "item_id"]
STATE = [column.name for column in PAIR_STATE]


def events_of_items(plays: DataFrame, tracks: DataFrame, *, item_kind: str) -> DataFrame:
    """Plays, skips and likes as (user_id, item_id, played_at, weight).

    For artists, events of tracks of unknown artists stay out.
    """
    columns = ("played_at", "weight")
    if item_kind == "track":
        return plays.select("user_id", F.col("track_id").alias("item_id"), *columns)
    artists = tracks.where(F.col("artist_id").isNotNull()).select("track_id", "artist_id")
    return plays.join(artists, on="track_id", how="inner").select(
        "user_id", F.col("artist_id").alias("item_id"), *columns
    )


def plays_of_items(plays: DataFrame, tracks: DataFrame, *, item_kind: str) -> DataFrame:
    """Positive plays as (user_id, item_id, played_at).

    Skips and dislikes (weight below zero) are events outside all counts.
    """
    events = events_of_items(plays, tracks, item_kind=item_kind)
    return events.where(F.col("weight") > 0).drop("weight")


def before(plays: DataFrame, as_of: datetime) -> DataFrame:
    """The plays before an instant: all that anything as of it may see."""
    return plays.where(F.col("played_at") < instant(as_of))


def between(plays: DataFrame, start: datetime, end: datetime) -> DataFrame:
    """The plays in [start, end)."""
    return before(plays, end).where(F.col("played_at") >= instant(start))


def pair_state(plays: DataFrame, *, valued_at: datetime) -> DataFrame:
    """One (listener, item) of a stretch of plays, decayed sums valued at ``valued_at``.

    Plays are summed in time order within a listener's partition, so the same plays give the same bits.
    """
    by_day = (
        plays.repartition("user_id")
        .sortWithinPartitions("user_id", "item_id", "played_at")
        .groupBy(*PAIR, F.to_date("played_at").alias("_day"))
        .agg(
            F.count("*").alias("_plays"),
            F.min("played_at").alias("_first"),
            F.max("played_at").alias("_last"),
            *decay_sums(F.col("played_at"), valued_at),
        )
    )
    per_pair = by_day.groupBy(*PAIR).agg(
        F.sum("_plays").alias("plays"),
        F.count("*").cast("int").alias("days"),
        F.min("_first").alias("first_played_at"),
        F.max("_last").alias("last_played_at"),
        F.sort_array(F.collect_list(F.struct("_day", "_plays")), asc=False).alias("_days"),
        *(F.sum(name).alias(name) for name in DECAYED),
    )
    return with_streak(per_pair).withColumn("valued_at", instant(valued_at)).select(*PAIR, *STATE)


def with_streak(per_pair: DataFrame) -> DataFrame:
    """Add the run of consecutive days that ends with the newest, read from ``_days`` (newest first).

    The i-th newest of distinct days belongs to the run exactly if it lies i days before the newest.
    """
    newest = F.col("_days")[0]["_day"]
    run = F.filter("_days", lambda day, i: F.date_diff(newest, day["_day"]) == i)
    return per_pair.withColumn("_run", run).select(
        "*",
        F.date_sub(newest, F.size("_run") - 1).alias("streak_first_day"),
        newest.alias("streak_last_day"),
        F.aggregate("_run", F.lit(0).cast("long"), lambda sum_, day: sum_ + day["_plays"]).alias(
            "streak_plays"
        ),
    )


def revalue(state: DataFrame, *, valued_at: datetime) -> DataFrame:
    """The same states with their decayed sums carried forward to a later instant."""
    age = days_between(F.col("valued_at"), instant(valued_at))
    decayed = {
        f"decayed_{days}d": F.col(f"decayed_{days}d") * halved(age, days)
        for days in HALF_LIVES_DAYS
    }
    return state.withColumns({**decayed, "valued_at": instant(valued_at)})


def then(earlier: DataFrame, later: DataFrame) -> DataFrame:
    """⊕: states of a stretch and of the one after it, both valued at one instant, as one state.

    Associative; a pair of only one stretch keeps its state. The stretches may meet within a day.
    """
    a, b = F.col("_a"), F.col("_b")
    both = earlier.select(*PAIR, F.struct(*STATE).alias("_a")).join(
        later.select(*PAIR, F.struct(*STATE).alias("_b")), on=PAIR, how="full"
    )
    joined = _joined_state(a, b)
    state = F.when(b.isNull(), a).when(a.isNull(), b).otherwise(joined)
    return both.select(*PAIR, state.alias("_state")).select(*PAIR, "_state.*")


def _joined_state(a: Column, b: Column) -> Column:
    met = (F.to_date(a["last_played_at"]) == F.to_date(b["first_played_at"])).cast("int")
    unbroken = b["streak_first_day"] == F.to_date(b["first_played_at"])
    goes_on = unbroken & (F.date_diff(b["streak_first_day"], a["streak_last_day"]) <= 1)
    values = {
        "plays": a["plays"] + b["plays"],
        "days": a["days"] + b["days"] - met,
        "first_played_at": a["first_played_at"],
        "last_played_at": b["last_played_at"],
        "streak_first_day": F.when(goes_on, a["streak_first_day"]).otherwise(b["streak_first_day"]),
        "streak_last_day": b["streak_last_day"],
        "streak_plays": b["streak_plays"] + F.when(goes_on, a["streak_plays"]).otherwise(0),
        **{name: a[name] + b[name] for name in DECAYED},
        "valued_at": b["valued_at"],
    }
    return F.struct(*(values[name].alias(name) for name in STATE))


def histories(plays: DataFrame, *, length: int) -> DataFrame:
    """One listener: the last ``length`` plays, newest first.

    Plays of one instant stand by larger item id first, so the order repeats.
    """
    newest_first = F.sort_array(F.collect_list(F.struct("played_at", "item_id")), asc=False)
    return (
        plays.groupBy("user_id")
        .agg(F.slice(newest_first, 1, length).alias("_plays"))
        .select(
            "user_id",
            F.col("_plays.item_id").alias("item_ids"),
            F.col("_plays.played_at").alias("played_at"),
        )
    )


def with_last_plays(pairs: DataFrame, histories: DataFrame) -> DataFrame:
    """Add how often the item stands among the listener's last n plays, and how many came since."""
    nth = F.col("_nth")
    recent = (
        histories.select("user_id", F.posexplode("item_ids").alias("_nth", "item_id"))
        .groupBy(*PAIR)
        .agg(
            *(F.sum((nth < n).cast("int")).cast("int").alias(f"_in_{n}") for n in LAST_PLAYS),
            F.min(nth).alias("plays_since"),
        )
    )
    counts = {f"plays_in_last_{n}": F.coalesce(F.col(f"_in_{n}"), F.lit(0)) for n in LAST_PLAYS}
    return (
        pairs.join(recent, on=PAIR, how="left")
        .withColumns(counts)
        .drop(*(f"_in_{n}" for n in LAST_PLAYS))
    )
