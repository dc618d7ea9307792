"""B1.1: artist vectors, as published and by votes."""

from datetime import date, datetime

import pytest
from pyspark.sql import functions as F

from ritornello.catalogue.genres import (
    artist_genres,
    equal_rows,
    track_credits,
    voted_rows,
)
from ritornello.catalogue.vectors import available, genre_aggregates, weighted_features
from ritornello.tables.contracts.catalogue import CATEGORIES, MEANS, UNKNOWN_GENRE

TRACK = (
    "catalogue_track_id string, catalogue_artist_ids array<string>, released_by date,"
    + ", ".join(f"{name} double" for name in MEANS)
    + ","
    + ", ".join(f"{name} int" for name in CATEGORIES)
)


def track(id_, artists, *, released=None, tempo=None, valence=None, key=None, popularity=None):
    known = {"tempo": tempo, "valence": valence, "popularity": popularity, "key": key}
    return (id_, artists, released, *(known.get(name) for name in (*MEANS, *CATEGORIES)))


@pytest.fixture(scope="module")
def tracks(spark):
    rows = [
        track("t1", ["own", "none"], tempo=100.0, valence=0.5, key=3, popularity=50.0),
        track("t2", ["own", "own"], tempo=130.0, key=5),  # named twice, counted once
        track("t3", ["own", "jazzer"], tempo=None, key=3),
        track("t4", ["alone"], tempo=None),
        track("t5", ["own"], tempo=160.0, key=5),
    ]
    return spark.createDataFrame(rows, TRACK).persist()


@pytest.fixture(scope="module")
def artists(spark):
    rows = [
        ("own", ["rock", "jazz", "folk", "ska"]),
        ("none", []),
        ("jazzer", ["jazz"]),
        ("alone", []),
        ("silent", ["pop"]),
    ]
    return spark.createDataFrame(rows, "catalogue_artist_id string, genres array<string>").persist()


def by_artist(frame) -> dict:
    return {row.catalogue_artist_id: row for row in frame.collect()}


def test_genres_are_own_else_the_co_artists_else_unknown(artists, tracks):
    """B1.1: artists without genre take the union of their co-artists' genres, else <unknown>."""
    found = artist_genres(artists, track_credits(tracks)).groupBy("catalogue_artist_id")
    genres = {
        k: sorted(r.genres)
        for k, r in by_artist(found.agg(F.collect_list("genre").alias("genres"))).items()
    }
    assert genres == {
        "own": ["folk", "jazz", "rock", "ska"],
        "none": ["folk", "jazz", "rock", "ska"],
        "jazzer": ["jazz"],
        "alone": [UNKNOWN_GENRE],
        "silent": ["pop"],
    }


def test_as_published_all_genres_get_all_tracks(artists, tracks):
    """B1.1 parity: equal weights and equal means, top_genres in the order of names."""
    credits = track_credits(tracks)
    rows = equal_rows(artist_genres(artists, credits), credits)
    aggregates = genre_aggregates(rows, tracks).persist()
    of_own = aggregates.where("catalogue_artist_id = 'own'").collect()
    assert {(row.tracks, row.weight, row.tempo, row.key) for row in of_own} == {(4, 0.25, 130.0, 3)}
    own = by_artist(weighted_features(aggregates))["own"]
    assert own.top_genres == ["folk", "jazz", "rock"]  # ties by name
    assert own.genres == ["folk", "jazz", "rock", "ska"]
    assert (own.tempo, own.valence, own.popularity, own.tracks) == (130.0, 0.5, 50.0, 4)
    assert own.key == 3  # two of each: the smallest


def test_missing_is_left_out_and_all_missing_stays_missing(artists, tracks):
    """B1.1: vector = sum(w·mean) / sum(w), ignoring missing values; all missing stays missing."""
    credits = track_credits(tracks)
    rows = equal_rows(artist_genres(artists, credits), credits)
    found = by_artist(weighted_features(genre_aggregates(rows, tracks)))
    assert found["own"].tempo == (100 + 130 + 160) / 3  # t3's tempo is not known
    assert (found["alone"].tempo, found["alone"].key, found["alone"].tracks) == (None, None, 1)
    assert (found["silent"].tempo, found["silent"].tracks) == (None, 0)  # no tracks, yet a genre
    assert found["silent"].top_genres == ["pop"]
    assert found["alone"].top_genres == [UNKNOWN_GENRE]


def test_weights_are_shares_of_rows_and_categories_of_the_genre_of_most_weight(spark):
    """B1.1: weight = the genre's share of rows; categories from the genre with the largest w."""
    names = ("tracks", "weight", *MEANS, *CATEGORIES)
    types = {"tracks": "bigint", **dict.fromkeys(CATEGORIES, "int")}
    schema = "catalogue_artist_id string, genre string," + ",".join(
        f"{name} {types.get(name, 'double')}" for name in names
    )

    def row(genre, **known):
        return ("a", genre, *(known.get(name) for name in names))

    aggregates = [
        row("rock", tracks=1, weight=0.2, tempo=100.0, key=1),
        row("jazz", tracks=3, weight=0.6, tempo=140.0, key=7, valence=0.4),
        row("ska", tracks=1, weight=0.2, key=2),  # tempo missing: its weight does not count
    ]
    found = by_artist(weighted_features(spark.createDataFrame(aggregates, schema)))["a"]
    assert found.tempo == pytest.approx((0.2 * 100 + 0.6 * 140) / 0.8)
    assert (found.valence, found.key, found.energy) == (0.4, 7, None)
    assert found.top_genres == ["jazz", "rock", "ska"]


def test_ours_ranks_genres_by_votes_of_co_artists_and_plays(spark, artists, tracks):
    """B1.1 ours: jazz leads by the co-artist's vote; played tracks weigh more in every mean."""
    credits = track_credits(tracks)
    plays = spark.createDataFrame([("t3", 7), ("t5", 3)], "catalogue_track_id string, plays bigint")
    rows = voted_rows(artist_genres(artists, credits), credits, artists, plays)
    aggregates = genre_aggregates(rows, tracks)
    votes = {
        r.genre: r.vote
        for r in rows.where("catalogue_artist_id = 'own'")
        .groupBy("genre")
        .agg(F.sum("vote").alias("vote"))
        .collect()
    }
    # (1 + plays) / 4 genres: t1 1, t2 1, t3 8, t5 4; the jazzer adds 8 for jazz on t3
    assert votes == {"rock": 3.5, "folk": 3.5, "ska": 3.5, "jazz": 11.5}
    own = by_artist(weighted_features(aggregates))["own"]
    assert own.top_genres == ["jazz", "folk", "rock"]
    assert own.tempo == pytest.approx((1 * 100 + 1 * 130 + 4 * 160) / 6)
    assert own.key == 3  # t3 is heard most


def test_a_track_exists_from_its_first_play_or_its_release(spark):
    rows = [
        track("played", ["a"]),
        track("out", ["a"], released=date(2024, 5, 31)),
        track("out that day", ["a"], released=date(2024, 6, 1)),
        track("listed", ["a"]),  # a file that lists it does not make it exist
    ]
    played = spark.createDataFrame([("played", 3)], "catalogue_track_id string, plays bigint")
    instant = F.lit(datetime(2024, 6, 1)).cast("timestamp")
    found = available(spark.createDataFrame(rows, TRACK), played, before=instant)
    assert {row.catalogue_track_id for row in found.collect()} == {"played", "out"}
