"""Make every listener's playlists, and the candidate tracks for them."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, between
from ritornello.errors import UsageError
from ritornello.features.history import plays_of_items
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.state.eligible import eligible
from ritornello.night.state.unite import united_tracks
from ritornello.playlists import expansion, facts, heard, rows
from ritornello.playlists.moments import moment_named, moments_of


def make_playlists(context: Context, as_of: datetime, *, moments: Sequence[str] = ()) -> str:
    """Write cand_tracks and playlists as of an instant.

    ``moments`` are names or aliases; without any, all moments get lists.
    """
    settings = context.settings.playlists
    named = {name: moment_named(name, settings) for name in moments}
    _require_recommendations(context, as_of)
    _tell_what_is_unknown(context, as_of)
    make_candidate_tracks(context, as_of)
    with context.step("make_playlists", as_of):
        if not named:
            _replace_lists(context, as_of, [*moments_of(settings)])
        for moment in {moment.name: moment for moment in named.values()}:
            _replace_lists(context, as_of, [moment], moment=moment)
        places = sum(written.rows for written in context.store.written)
    return f"{places:,} places of playlists as of {iso(as_of)} are written"


def _require_recommendations(context: Context, as_of: datetime) -> None:
    if not context.store.has("recommendations", as_of=as_of):
        kind = context.settings.item_kind
        raise UsageError(
            f"no {kind} was recommended as of {iso(as_of)}: run recommend for that instant"
        )


def _tell_what_is_unknown(context: Context, as_of: datetime) -> None:
    if _newest(context, "track_audio", as_of) is None:
        context.console.print(
            "  no track_audio as of this night or before, so every likeness is 0.5: "
            "run build-catalogue to use the sound of tracks",
            highlight=False,
        )


def make_candidate_tracks(context: Context, as_of: datetime) -> None:
    """Write cand_tracks as of an instant from that instant's recommendations."""
    store, settings = context.store, context.settings.playlists
    with context.step("make_cand_tracks", as_of):
        tracks, audio = store.read("tracks"), _audio(context, as_of)
        recordings = _recordings(context)
        songs = facts.songs_of_tracks(tracks, recordings)
        played = heard.heard_tracks(
            before(plays_of_items(store.read("plays"), tracks, item_kind="track"), as_of)
        )
        candidates = rows.candidate_rows(
            _proposed(context, played, songs, as_of),
            facts.with_sound(songs, audio),
            heard.heard_songs(played, recordings),
            heard.tastes(played, audio),
            _listed(context, as_of),
        )
        scored = rows.scored_rows(candidates, settings=settings, buckets=_buckets(context))
        named = facts.with_names(scored, tracks, store.read("artists"), audio)
        store.replace("cand_tracks", named, as_of=as_of)


def _replace_lists(context: Context, as_of: datetime, names: Sequence[str], **slice_: str) -> None:
    store, settings = context.store, context.settings.playlists
    known = moments_of(settings)
    chosen = rows.chosen_rows(
        store.read("cand_tracks", as_of=as_of),
        moments=[known[name] for name in names],
        settings=settings,
        day=as_of.date(),
        buckets=_buckets(context),
    )
    named = facts.with_names(
        chosen, store.read("tracks"), store.read("artists"), _audio(context, as_of)
    ).join(store.read("users").select("user_id", "source_user_id"), "user_id", how="inner")
    store.replace("playlists", named, as_of=as_of, **slice_)


def _proposed(context: Context, played: DataFrame, songs: DataFrame, as_of: datetime) -> DataFrame:
    """One row per recommended (user_id, track_id) as of the instant.

    With its ``recommendation_score`` and ``source``. Recommended artists become their best tracks.
    What may not be served is left out.
    """
    kind = context.settings.item_kind
    lists = context.store.read("recommendations", as_of=as_of)
    items = expansion.recommended(lists.withColumnRenamed(f"{kind}_id", "item_id"))
    if kind == "artist":
        best = _best_tracks(context, played, songs, as_of)
        return _allowed_versions(context, expansion.tracks_of_artists(items, best), songs, as_of)
    allowed = eligible(context, items, as_of, kind="track")
    return allowed.withColumnRenamed("item_id", "track_id")


def _allowed_versions(
    context: Context, tracks: DataFrame, songs: DataFrame, as_of: datetime
) -> DataFrame:
    """Keep the rows (user_id, track_id, ...) whose version and whose song may be served.

    A dislike applies to the whole song. A bar of one version applies to the whole song if that version
    is the song's recording_id.
    """
    versions = eligible(
        context, tracks.withColumnRenamed("track_id", "item_id"), as_of, kind="track"
    )
    song_of = songs.select(F.col("track_id").alias("item_id"), F.col("recording_id").alias("_song"))
    of_songs = versions.join(song_of, "item_id").withColumnRenamed("item_id", "track_id")
    allowed = eligible(context, of_songs.withColumnRenamed("_song", "item_id"), as_of, kind="track")
    return allowed.drop("item_id")


def _best_tracks(
    context: Context, played: DataFrame, songs: DataFrame, as_of: datetime
) -> DataFrame:
    """Pick each artist's best tracks by plays before the instant.

    Options of the settings pick them by published popularity instead, as the paper does.
    """
    settings = context.settings.playlists
    limit = settings.tracks_per_artist
    if settings.best_tracks == "published_popularity":
        each_its_own = songs.withColumn("recording_id", F.col("track_id"))
        return expansion.best_tracks(_popularity(context, as_of), each_its_own, limit=limit)
    best = expansion.best_tracks(heard.plays_of_tracks(played), songs, limit=limit)
    if settings.published_popularity_fallback:
        popularity = _popularity(context, as_of)
        return expansion.best_tracks_with_fallback(best, popularity, songs, limit=limit)
    return best


def _popularity(context: Context, as_of: datetime) -> DataFrame:
    """Read the source's undated popularity of tracks.

    Where the external catalogue has a track's popularity, that is taken.
    """
    store = context.store
    matched, catalogue = _newest(context, "track_audio", as_of), None
    if matched is not None and store.exists("catalogue_tracks"):
        popularity = store.read("catalogue_tracks").select("catalogue_track_id", "popularity")
        catalogue = matched.select("track_id", "catalogue_track_id").join(
            popularity, "catalogue_track_id", how="inner"
        )
    return expansion.published_popularity(store.read("tracks"), catalogue)


def _audio(context: Context, as_of: datetime) -> DataFrame:
    audio = _newest(context, "track_audio", as_of)
    if audio is not None:
        return audio
    return context.spark.createDataFrame([], facts.SOUNDS)


def _recordings(context: Context) -> DataFrame:
    recordings = united_tracks(context)
    return context.spark.createDataFrame([], facts.RECORDINGS) if recordings is None else recordings


def _listed(context: Context, as_of: datetime) -> DataFrame:
    """One row per (user_id, recording_id) that was listed in the last nights.

    ``listed_moments`` are the moments of those lists. Only the last `playlists.cooldown_nights` count,
    and not the instant itself, so a rerun gives the same lists.
    """
    nights = context.settings.playlists.cooldown_nights
    if nights and context.store.exists("playlists"):
        earlier = context.store.read("playlists").withColumn("played_at", F.col("as_of"))
        return heard.listed_moments(between(earlier, as_of - timedelta(days=nights), as_of))
    return context.spark.createDataFrame(
        [], "user_id int, recording_id int, listed_moments array<string>"
    )


def _newest(context: Context, name: str, as_of: datetime) -> DataFrame | None:
    """Read the newest slice up to the instant, or return None."""
    if not context.store.exists(name):
        return None
    slices = context.store.read(name).where(F.col("as_of") <= F.lit(as_of))
    newest = slices.agg(F.max("as_of")).first()
    if newest is None or newest[0] is None:
        return None
    return context.store.read(name, as_of=newest[0].astimezone(UTC))


def _buckets(context: Context) -> int:
    """Choose the number of buckets by `playlists.listeners_per_task`.

    There are never fewer buckets than shuffle partitions.
    """
    listeners = context.store.read("users").count()
    buckets = math.ceil(listeners / context.settings.playlists.listeners_per_task)
    return max(buckets, context.settings.spark.shuffle_partitions)
