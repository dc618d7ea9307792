"""Forbid a track, an artist or explicit words, at once."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.barred import BARRED
from ritornello.job import Context
from ritornello.night.lists.carry import without_places
from ritornello.night.publication.served import Served, lists_of, serve, served_night
from ritornello.night.state.eligible import EVERYBODY, marked_rows
from ritornello.tables.mends import KINDS
from ritornello.tables.store import Store
from ritornello.tables.upkeep import slices_of

KEY = ["source_user_id", "what", "source_id"]


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
        places = sum(_take_out(_of_kind(context, kind)) for kind in KINDS)
    return f"{rule} is barred; {places:,} places were taken out of what is served"


def lift(context: Context, rule: Bar) -> str:
    """Take a rule back, so that the next night may serve it again."""
    store = context.store
    with context.step("bar"):
        if not _has(store, rule):
            return f"nothing to do: {rule} is not barred"
        mine = [F.col(name) == value for name, value in zip(KEY, _values(rule), strict=True)]
        store.replace("bars", store.read("bars").where(~(mine[0] & mine[1] & mine[2])))
    return f"{rule} is barred no more: the next night may serve it again"


def bars(context: Context) -> str:
    """Print every rule, and return a sentence with their number."""
    store = context.store
    rows = store.read("bars").orderBy("since").collect() if store.exists("bars") else []
    for row in rows:
        rule = Bar(row["what"], row["source_id"], row["source_user_id"])
        context.console.print(f"  {row['since']:%Y-%m-%d %H:%M}  {rule}", highlight=False)
    return f"{len(rows)} rules say what may not be served"


def _has(store: Store, rule: Bar) -> bool:
    if not store.exists("bars"):
        return False
    return bool(set(store.read("bars").select(*KEY).collect()) & {_values(rule)})


def _values(rule: Bar) -> tuple[str, str, str]:
    return (rule.listener, rule.what, rule.key)


def _of_kind(context: Context, kind: str) -> Context:
    """Return the context of a kind of item."""
    store = Store(context.spark, context.store.warehouse, kind)
    settings = context.settings.model_copy(update={"item_kind": kind})
    return replace(context, store=store, settings=settings)


def _take_out(context: Context) -> int:
    """Take places out of the served lists and playlists, and count them."""
    served = served_night(context.store)
    places = _from_lists(context, served) if served else 0
    return places + _from_playlists(context)


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


def _from_playlists(context: Context) -> int:
    """Take places out of the newest playlists and their candidates."""
    store, places = context.store, 0
    for table, of_list in (("playlists", ("user_id", "moment")), ("cand_tracks", None)):
        nights = slices_of(store, table) if store.exists(table) else []
        if not nights:
            continue
        rows = store.read(table, as_of=max(nights)).drop("as_of")
        rows = rows.withColumnRenamed("track_id", "item_id")
        lost = _barred(context, rows, "track")
        if lost.isEmpty():
            continue
        if of_list:
            left, places = without_places(rows, lost, of_list=of_list), places + lost.count()
        else:
            left = rows.join(lost.select("user_id", "item_id"), ["user_id", "item_id"], "left_anti")
        left = left.withColumnRenamed("item_id", "track_id").localCheckpoint()
        store.replace(table, left, as_of=max(nights))
    return places


def _barred(context: Context, rows: DataFrame, kind: str) -> DataFrame:
    marked = marked_rows(context, rows, datetime.now(UTC), kind=kind)
    return marked.where(F.col(BARRED)).drop(BARRED).localCheckpoint()
