"""Match the listening log's artists and tracks to an external catalogue."""

from datetime import datetime
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.catalogue.audio import matched_tracks, track_audio
from ritornello.catalogue.fuzzy import fuzzy_candidates
from ritornello.catalogue.genres import artist_genres, equal_rows, voted_rows
from ritornello.catalogue.homonyms import (
    genre_agreement,
    judged,
    judged_as_published,
    title_plays,
    with_homonyms,
)
from ritornello.catalogue.joined import artist_features, joined, unmatched, with_features
from ritornello.catalogue.matching import candidates, with_alias
from ritornello.catalogue.vectors import available, genre_aggregates, weighted_features
from ritornello.intake.catalogue.coverage import coverage
from ritornello.intake.catalogue.csv_files import write_files
from ritornello.intake.catalogue.import_catalogue import import_catalogue
from ritornello.intake.catalogue.listening_log import Log, Outside, read_log, read_outside
from ritornello.job import Context
from ritornello.scratch import Scratch, scratch
from ritornello.tables.reports import write_report

__all__ = ["build_catalogue", "import_catalogue"]


def build_catalogue(context: Context, as_of: datetime, *, out: Path | None = None) -> None:
    """Build matches, audio, artist vectors and the joined log.

    All are as of the instant. ``out`` gets the tables as CSV files and ``coverage.json``. An outside
    catalogue must have been imported (import-catalogue).
    """
    store = context.store
    with context.step("build_catalogue", as_of), scratch() as scratchpad:
        outside, log = read_outside(context, scratchpad), read_log(context, as_of, scratchpad)
        could_be = scratchpad.keep(_judged(context, log, outside, scratchpad))
        _write_matches(context, as_of, log, outside, could_be)
        matches = store.read("artist_matches", as_of=as_of)
        _write_audio(context, as_of, log, outside, matches)
        _write_vectors(context, as_of, log, outside)
        _write_joined(context, as_of, log, matches)
        missing = unmatched(log.artists, matches, could_be)
        store.replace("unmatched", missing, as_of=as_of)
        report = coverage(context, as_of, log, outside)
        write_report(store, as_of, "coverage.json", report)
        if out is not None:
            write_files(context, as_of, out, coverage=report)


def _judged(context: Context, log: Log, outside: Outside, scratchpad: Scratch) -> DataFrame:
    """One row per catalogue artist that a played artist could be.

    ``is_chosen`` marks the one that it is.
    """
    settings = context.settings.catalogue
    matches = scratchpad.keep(with_homonyms(_candidates(context, log, outside)))
    if settings.homonyms == "published":
        return judged_as_published(
            matches, outside.artists.select("catalogue_artist_id", "popularity")
        )
    shared, alone = matches.where(F.col("homonyms") > 1), matches.where(F.col("homonyms") == 1)
    songs = outside.credits.join(
        outside.tracks.select("catalogue_track_id", "song_key"), on="catalogue_track_id"
    )
    genres = outside.artists.select("catalogue_artist_id", "genres")
    settled = alone.select("artist_id", "catalogue_artist_id")
    return judged(
        matches,
        title_plays(shared, log.tracks.select("artist_id", "song_key", "plays"), songs),
        genre_agreement(shared, log.pairs, settled, genres),
    )


def _candidates(context: Context, log: Log, outside: Outside) -> DataFrame:
    settings = context.settings.catalogue
    none = F.lit(None).cast("string")
    artists = (
        log.artists.withColumn("alias_of", none)
        if outside.aliases is None
        else with_alias(log.artists, outside.aliases)
    )
    exact = candidates(artists, outside.artists, normaliser=settings.normaliser).withColumn(
        "similarity", F.lit(None).cast("double")
    )
    if settings.fuzzy_threshold is None:
        return exact
    rest = log.artists.join(exact.select("artist_id").distinct(), on="artist_id", how="anti")
    near = fuzzy_candidates(
        rest, outside.artists, threshold=settings.fuzzy_threshold, block=settings.fuzzy_block
    )
    return exact.unionByName(near)


def _write_matches(
    context: Context, as_of: datetime, log: Log, outside: Outside, could_be: DataFrame
) -> None:
    named = could_be.join(
        log.artists.select("artist_id", "artist_name", "plays"), on="artist_id", how="inner"
    )
    names = outside.artists.select("catalogue_artist_id", F.col("artist_name").alias("_name"))
    chosen = named.where("is_chosen").join(names, on="catalogue_artist_id", how="inner")
    evidence = ("is_chosen", "title_plays", "genre_agreement")
    context.store.replace(
        "artist_matches",
        chosen.withColumnRenamed("_name", "catalogue_name").drop(*evidence),
        as_of=as_of,
    )
    shared = named.where(F.col("homonyms") > 1).drop("homonyms", "similarity")
    context.store.replace("homonyms", shared, as_of=as_of)


def _write_audio(
    context: Context, as_of: datetime, log: Log, outside: Outside, matches: DataFrame
) -> None:
    audio = track_audio(matched_tracks(log.tracks, matches, outside.tracks), outside.tracks)
    context.store.replace("track_audio", audio, as_of=as_of)


def _write_vectors(context: Context, as_of: datetime, log: Log, outside: Outside) -> None:
    store = context.store
    genres = artist_genres(outside.artists, outside.credits)
    if context.settings.catalogue.vectors == "published":
        tracks, rows = outside.tracks, equal_rows(genres, outside.credits)
    else:
        audio = store.read("track_audio", as_of=as_of).select("track_id", "catalogue_track_id")
        played = audio.join(log.tracks.select("track_id", "plays"), on="track_id", how="inner")
        plays = played.groupBy("catalogue_track_id").agg(F.sum("plays").alias("plays"))
        existing = available(outside.tracks, plays, before=instant(as_of))
        tracks = existing.withColumn("popularity", F.lit(None).cast("double"))
        there = outside.credits.join(tracks, on="catalogue_track_id", how="semi")
        rows = voted_rows(genres, there, outside.artists, plays)
    store.replace("artist_genre_aggregates", genre_aggregates(rows, tracks), as_of=as_of)
    aggregates = store.read("artist_genre_aggregates", as_of=as_of).drop("as_of")
    store.replace("artist_features_weighted", weighted_features(aggregates), as_of=as_of)


def _write_joined(context: Context, as_of: datetime, log: Log, matches: DataFrame) -> None:
    store = context.store
    vectors = store.read("artist_features_weighted", as_of=as_of).drop("as_of")
    store.replace("artist_features_joined", artist_features(matches, vectors), as_of=as_of)
    pairs = joined(log.pairs, matches, min_plays=context.settings.catalogue.min_plays)
    store.replace("joined", pairs, as_of=as_of)
    features = store.read("artist_features_joined", as_of=as_of).drop("as_of")
    joined_pairs = store.read("joined", as_of=as_of).drop("as_of")
    store.replace("joined_with_features", with_features(joined_pairs, features), as_of=as_of)
