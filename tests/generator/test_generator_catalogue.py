"""The catalogue beside generated listening: the true format, the same on any partitions."""

import ast
from collections import Counter

import pandas as pd
import pytest
from pyspark.sql import functions as F

from ritornello.generator.catalogue_files import write_catalogue
from ritornello.generator.music import music_of
from ritornello.generator.names import words
from ritornello.settings.generator import GeneratorSettings
from ritornello.sources.audio_catalogue import read_catalogue

TINY = GeneratorSettings(listeners=40, tracks=4_000, plays_median=60, giant_share=0, genres=8)
FILES = ("artists.csv", "tracks.csv", "aliases.csv")


@pytest.fixture(scope="module")
def folder(spark, tmp_path_factory):
    written = tmp_path_factory.mktemp("generated")
    write_catalogue(spark, TINY, str(written), partitions=3)
    return written


@pytest.fixture(scope="module")
def tables(folder):
    lists = {
        "artists": ast.literal_eval,
        "id_artists": ast.literal_eval,
        "genres": ast.literal_eval,
    }
    return {name: pd.read_csv(folder / name, converters=lists) for name in FILES}


def test_files_do_not_depend_on_partitions_and_nothing_else_is_left(spark, folder, tmp_path):
    write_catalogue(spark, TINY, str(tmp_path), partitions=1)
    assert sorted(file.name for file in folder.iterdir()) == sorted(FILES)
    for name in FILES:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_strict_reader_takes_every_line(spark, folder):
    reading = read_catalogue(spark, str(folder))
    for frame in (reading.artists, reading.tracks, reading.aliases):
        told = {row.reason for row in frame.select("reason").distinct().collect()}
        assert told == {None, "header"}
    known = reading.artists.select("catalogue_artist_id")
    named = reading.tracks.select(F.explode("catalogue_artist_ids").alias("catalogue_artist_id"))
    assert named.join(known, on="catalogue_artist_id", how="anti").isEmpty()


def test_gaps_homonyms_accents_aliases_and_versions_are_there(tables):
    artists, tracks, aliases = (tables[name] for name in FILES)
    log = set(words(music_of(TINY).track_artist.astype("int64"), salt=15, most=2))
    exact = artists.name.isin(log)
    assert 0.7 < exact.mean() < 0.95  # the rest under another spelling
    assert any(not name.isascii() for name in artists.name)
    assert set(aliases.alias) <= log
    assert set(aliases.name) <= set(artists.name)
    assert max(Counter(artists.name).values()) > 1  # a name that two bear
    for gap in ("popularity", "key", "time_signature", "release_date"):
        assert 0 < tracks[gap].isna().mean() < 0.9
    assert tracks.name.str.contains("Remastered").any()
    assert tracks.name.str.contains("Live at").any()
    assert tracks.artists.map(len).max() == 2
    assert tracks.id.is_unique
    assert artists.id.is_unique


def test_tracks_of_a_genre_sound_alike(tables):
    artists, tracks = tables["artists.csv"], tables["tracks.csv"]
    genre = {row.id: tuple(row.genres) for row in artists.itertuples() if row.genres}
    of = tracks.id_artists.map(lambda ids: genre.get(ids[0])).rename("genre")
    for feature in ("tempo", "valence", "energy"):
        within = tracks.groupby(of)[feature].std().median()
        assert within < 0.8 * tracks[feature].std()
