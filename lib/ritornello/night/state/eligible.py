"""Decide what may be served to whom.

Every list, playlist and audit follows this one rule. A place may be served unless its item is not
available at the instant, a bar forbids it, or the listener disliked it and has not liked or played it
since. A bar (table `bars`) forbids a track, an artist or all explicit tracks, to everybody or to one
listener. The readers without Spark follow the same rule (listener/allowed.py).
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, instant
from ritornello.features.barred import BARRED, Rules, rules_of, with_barred
from ritornello.features.disliked import disliked
from ritornello.features.history import events_of_items
from ritornello.features.states import PAIR
from ritornello.job import Context
from ritornello.night.state.listened import of_recordings
from ritornello.night.state.pairs import Choice, everyone
from ritornello.tables.upkeep import slices_of

EVERYBODY = ""  # source_user_id of a bar for all listeners


def eligible(
    context: Context,
    rows: DataFrame,
    as_of: datetime,
    *,
    of: Choice = everyone,
    kind: str | None = None,
    bars_before: datetime | None = None,
) -> DataFrame:
    """Keep the rows (user_id, item_id, ...) that may be served as of an instant.

    All bars count, also those made after the instant, unless ``bars_before`` says otherwise: a day
    to train on may only know the bars of its time. ``kind`` is the kind of item, by default the
    warehouse's.
    """
    marked = marked_rows(context, rows, as_of, kind=kind, bars_before=bars_before)
    kept = marked.where(~F.col(BARRED)).drop(BARRED)
    if (kind or context.settings.item_kind) != "track":
        return kept
    return kept.join(_disliked(context, as_of, of).localCheckpoint(), PAIR, "left_anti")


def ineligible_pairs(
    context: Context, rows: DataFrame, as_of: datetime, *, of: Choice = everyone
) -> DataFrame:
    """One row per (user_id, item_id) of the rows that may not be served."""
    pairs = rows.select(*PAIR).distinct()
    return pairs.join(eligible(context, pairs, as_of, of=of), PAIR, "left_anti")


def marked_rows(
    context: Context,
    rows: DataFrame,
    as_of: datetime,
    *,
    kind: str | None = None,
    bars_before: datetime | None = None,
) -> DataFrame:
    """Add whether a bar or the time of availability forbids the place.

    The new column is ``BARRED``. An artist is barred, but never disliked or out of time: who dislikes
    a track may love another one of its artist.
    """
    return with_barred(rows, rules_as_of(context, as_of, kind=kind, bars_before=bars_before))


def rules_as_of(
    context: Context,
    as_of: datetime,
    *,
    kind: str | None = None,
    bars_before: datetime | None = None,
) -> Rules:
    """Say what bars and the time of availability forbid as of an instant."""
    kind = kind or context.settings.item_kind
    return rules_of(_facts(context, kind, as_of), _bars(context, bars_before))


def _facts(context: Context, kind: str, as_of: datetime) -> DataFrame:
    """One row per item with the facts that ``with_barred`` looks at.

    What the external catalogue says of the words counts where the delivery says nothing.
    """
    store = context.store
    artists = store.read("artists").select("artist_id", "source_artist_id")
    if kind == "artist":
        nothing = F.lit(None).cast("string").alias("source_track_id")
        flags = (F.lit(False).alias("explicit"), F.lit(True).alias("available"))
        return artists.select(
            F.col("artist_id").alias("item_id"), "source_artist_id", nothing, *flags
        )
    tracks, explicit = store.read("tracks"), F.col("explicit")
    days = slices_of(store, "track_audio") if store.exists("track_audio") else []
    if days:
        audio = store.read("track_audio", as_of=max(days))
        in_catalogue = audio.select("track_id", (F.col("explicit") > 0).alias("_in_catalogue"))
        tracks = tracks.join(in_catalogue, "track_id", "left")
        explicit = F.coalesce("explicit", "_in_catalogue")
    available = _available("available_from", "available_until", as_of)
    return tracks.join(artists, "artist_id", "left").select(
        F.col("track_id").alias("item_id"),
        *("source_track_id", "source_artist_id"),
        *(explicit.alias("explicit"), available.alias("available")),
    )


def _available(start: str, end: str, as_of: datetime) -> Column:
    """Return whether a track may be played at an instant.

    ``start`` is the first instant and ``end`` the first one after. Null is no limit.
    """
    begun = F.coalesce(F.col(start) <= instant(as_of), F.lit(True))
    return begun & F.coalesce(F.col(end) > instant(as_of), F.lit(True))


def _disliked(context: Context, as_of: datetime, of: Choice) -> DataFrame:
    """One row per (user_id, item_id) of the tracks that a listener dislikes."""
    plays, tracks = (context.store.read(name) for name in ("plays", "tracks"))
    events = events_of_items(of_recordings(context, plays), tracks, item_kind="track")
    return disliked(of(before(events, as_of)))


def _bars(context: Context, made_before: datetime | None) -> DataFrame | None:
    """Read the bars with ids of listeners, or None without any."""
    store = context.store
    if not store.exists("bars"):
        return None
    bars = store.read("bars")
    bars = bars if made_before is None else bars.where(F.col("since") < instant(made_before))
    if bars.isEmpty():
        return None
    users = store.read("users").select("user_id", "source_user_id")
    named = bars.join(users, "source_user_id", "left")
    known = F.col("user_id").isNotNull() | (F.col("source_user_id") == EVERYBODY)
    return named.where(known).select("user_id", "what", "source_id")
