"""Forbid a track, an artist or explicit words, at once."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.features.barred import BARRED
from ritornello.job import Context
from ritornello.night.lists.carry import without_places
from ritornello.night.publication.served import Served, lists_of, serve, served_night
from ritornello.night.state.eligible import EVERYBODY, marked_rows
from ritornello.tables.mends import KINDS
from ritornello.tables.store import Store
from ritornello.tables.upkeep import slices_of


@dataclass(frozen=True)
class Bar:
    """A rule about what may not be served.

    ``listener`` is the key of one listener, by default everybody. ``what`` is track, artist or
    explicit, and ``key`` the source's key of the track or artist.
    """

    what: str
    key: str = ""
    listener: str = EVERYBODY

    def __str__(self) -> str:
        item = "explicit tracks" if self.what == "explicit" else f"{self.what} {self.key}"
        return f"{item} for {self.listener or 'everybody'}"


def bar(context: Context, rule: Bar) -> str:
    """Forbid something, and take it out of the lists and playlists that are served.

    Returns a sentence with the number of places taken out. A rule that is there already stays as it
    was, and places are looked for again.
    """
    store = context.store
    with context.step("bar"):
        if not _has(store, rule):
            columns = "source_user_id string, what string, source_id string, since timestamp"
            row = (rule.listener, rule.what, rule.key, datetime.now(UTC))
            store.append("bars", context.spark.createDataFrame([row], columns))
        places = sum(take_out(_of_kind(context, kind)) for kind in KINDS)
    return f"{rule} is barred; {places:,} places were taken out of what is served"


def lift(context: Context, rule: Bar) -> str:
    """Take a rule back, so that the next night may serve it again."""
    store = context.store
    with context.step("bar"):
        if not _has(store, rule):
            return f"nothing to do: {rule} is not barred"
        store.replace("bars", store.read("bars").where(~_is(rule)))
    return f"{rule} is barred no more: the next night may serve it again"


def bars(context: Context) -> str:
    """Print every rule, and return a sentence with their number."""
    store = context.store
    rows = store.read("bars").orderBy("since").collect() if store.exists("bars") else []
    for row in rows:
        rule = Bar(row["what"], row["source_id"], row["source_user_id"])
        context.console.print(f"  {row['since']:%Y-%m-%d %H:%M}  {rule}", highlight=False)
    return f"rules in force: {len(rows)}"


def _has(store: Store, rule: Bar) -> bool:
    if not store.exists("bars"):
        return False
    return not store.read("bars").where(_is(rule)).isEmpty()


def _is(rule: Bar) -> Column:
    """Return whether a row of ``bars`` is this rule."""
    return (
        (F.col("source_user_id") == rule.listener)
        & (F.col("what") == rule.what)
        & (F.col("source_id") == rule.key)
    )


def _of_kind(context: Context, kind: str) -> Context:
    """Return the context of a kind of item."""
    store = Store(context.spark, context.store.warehouse, kind)
    settings = context.settings.model_copy(update={"item_kind": kind})
    return replace(context, store=store, settings=settings)


def take_out(context: Context) -> int:
    """Take barred places out of the served lists and playlists, and count them."""
    served = served_night(context.store)
    places = _from_lists(context, served) if served else 0
    return places + _from_playlists(context, served)


def _from_lists(context: Context, served: Served) -> int:
    store, item = context.store, f"{context.settings.item_kind}_id"
    rows = lists_of(store, served.as_of, version=served.version).drop("as_of")
    lost = _barred(context, rows, context.settings.item_kind)
    if lost.isEmpty():
        return 0
    left = without_places(rows, lost).localCheckpoint()
    listeners = left.select("user_id").distinct().count()
    store.replace("recommendations", left.withColumnRenamed("item_id", item), as_of=served.as_of)
    version = store.version("recommendations")
    versions = {"recommendations": version}
    serve(
        context,
        as_of=served.as_of,
        version=version,
        listeners=listeners,
        action="bar",
        versions=versions,
    )
    return lost.count()


def _from_playlists(context: Context, served: Served | None) -> int:
    """Take places out of playlists and their candidates.

    These are the newest ones and those of the served night.
    """
    store, places = context.store, 0
    for table in ("playlists", "cand_tracks"):
        nights = slices_of(store, table) if store.exists(table) else []
        of_served = [night for night in nights if served and night <= served.as_of]
        for night in {*nights[-1:], *of_served[-1:]}:
            lost = _from_slice(context, table, night)
            places += lost if table == "playlists" else 0
    return places


def _from_slice(context: Context, table: str, night: datetime) -> int:
    """Take barred places out of a night's slice of a table, and count them.

    A place is barred if its version or its song is.
    """
    rows = context.store.read(table, as_of=night).drop("as_of")
    versions = _barred(context, rows.withColumnRenamed("track_id", "item_id"), "track")
    songs = _barred(context, rows.withColumnRenamed("recording_id", "item_id"), "track")
    lost = (
        versions.withColumnRenamed("item_id", "track_id")
        .unionByName(songs.withColumnRenamed("item_id", "recording_id"))
        .distinct()
        .localCheckpoint()
    )
    if lost.isEmpty():
        return 0
    if table == "playlists":
        places = (frame.withColumnRenamed("track_id", "item_id") for frame in (rows, lost))
        left = without_places(*places, of_list=("user_id", "moment"))
        left = left.withColumnRenamed("item_id", "track_id")
    else:
        left = rows.join(lost.select("user_id", "track_id"), ["user_id", "track_id"], "left_anti")
    context.store.replace(table, left.localCheckpoint(), as_of=night)
    return lost.count()


def _barred(context: Context, rows: DataFrame, kind: str) -> DataFrame:
    marked = marked_rows(context, rows, datetime.now(UTC), kind=kind)
    return marked.where(F.col(BARRED)).drop(BARRED).localCheckpoint()
