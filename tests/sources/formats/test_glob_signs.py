"""Signs of patterns in names of files and folders: each file is read once."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from intake.delivery_files import INTERACTIONS as ROWS
from intake.delivery_files import TRACKS, listener, play, track, write_rows
from ritornello.sources.audio_catalogue import read_catalogue
from ritornello.sources.files import literal
from ritornello.sources.nested_parquet import (
    files_of,
    open_delivery,
    read_interactions,
    read_tracks,
)
from sources.formats.outside_files import Converted, read_events, write
from sources.formats.outside_logs import LOG, WRITERS

SIGNS = ("[ab]", "{a,b}", "a*", "b?", "a\\b", "a", "b", "a [1] {2}")


def test_every_sign_of_a_pattern_is_escaped():
    assert literal("/in/[a]{b}*?\\c d") == "/in/\\[a\\]\\{b\\}\\*\\?\\\\c d"


@pytest.mark.parametrize("kind", ["lastfm-csv", "listenbrainz", "yambda", "short history"])
def test_files_with_signs_of_patterns_are_read_once(spark, tmp_path, kind):
    name, write_one = WRITERS[kind]
    for number, sign in enumerate(SIGNS):  # as a folder of a listener, or as part of a file's name
        inner = tmp_path / "in [x]" / (sign if kind in ("lastfm-csv", "short history") else "")
        write_one(inner, [LOG[number]], f"_{number % 2}{sign}")
    rows = read_events(spark, name, tmp_path / "in [x]", without_track_id="names")
    assert len([row for row in rows if row.reason is None]) == len(SIGNS)
    assert len({row.file for row in rows}) == len(SIGNS)
    assert len(rows) == len(SIGNS) * (2 if kind == "lastfm-csv" else 1)  # a header each


def test_an_output_folder_with_signs_of_patterns_is_read_back_alone(spark, tmp_path):
    WRITERS["lastfm-csv"][1](tmp_path / "in", LOG[:3], "x")
    out = tmp_path / "out [2024] {x} *"
    # folders that the name would stand for as a pattern
    Converted(spark, "lastfm-csv", tmp_path / "in", tmp_path / "out 2 x y")
    converted = Converted(spark, "lastfm-csv", tmp_path / "in", out)
    assert len(pq.read_table(out / "tracks.parquet")) == len({one.id for one in LOG[:3]})
    assert converted.sentence.startswith("3 plays")


def test_a_delivery_of_parts_in_such_a_folder_is_read_once(spark, tmp_path):
    folder = tmp_path / "from [a]"
    for number in range(3):
        rows = [listener(number, play(1, f"2024-05-0{number + 1} 00:00:00"))]
        write_rows(folder / "interactions.parquet" / f"part-{{{number}}}.parquet", rows, ROWS)
        write_rows(
            folder / "tracks.parquet" / f"p[{number}].parquet",
            [track(number, key=f"key-{number}")],
            TRACKS,
        )
    delivery = open_delivery(spark, str(folder))
    (frame,) = read_interactions(spark, delivery)
    assert sorted(row.character_index for row in frame.collect()) == [0, 1, 2]
    assert sum(row.footer_rows for row in files_of(spark, delivery).collect()) == 3
    tracks = read_tracks(spark, delivery).select("source_track_key").collect()
    assert sorted(row[0] for row in tracks) == ["key-0", "key-1", "key-2"]


def test_a_column_of_nulls_is_recognised_in_such_a_folder(spark, tmp_path):
    schema = TRACKS.set(3, pa.field("year_category", pa.null()))
    write_rows(tmp_path / "[a]" / "tracks.parquet", [track(1)], schema)
    write_rows(tmp_path / "[a]" / "interactions.parquet", [], ROWS)
    (footer,) = open_delivery(spark, str(tmp_path / "[a]")).tracks
    assert "year_category" in footer.nulls


def test_a_catalogue_and_counts_in_such_folders_are_read_once(spark, tmp_path):
    write(tmp_path / "[c]" / "artists.csv", "id,followers,genres,name,popularity\na1,,[],Kelp,\n")
    header = (
        "id,name,popularity,duration_ms,explicit,artists,id_artists,release_date,danceability,"
        "energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,"
        "tempo,time_signature\n"
    )
    early = "t1,M,,,,['Kelp'],['a1'],1000,,,,,,,,,,,,\nt2,M,,,,['Kelp'],['a1'],1799,,,,,,,,,,,,\n"
    write(tmp_path / "[c]" / "tracks.csv", header + early)
    reading = read_catalogue(spark, str(tmp_path / "[c]"))
    assert reading.artists.count() == 2
    # a day before today's calendar is one that Spark refuses to write
    reading.tracks.write.parquet(str(tmp_path / "tracks"))
    rows = {
        row.catalogue_track_id: row.reason
        for row in spark.read.parquet(str(tmp_path / "tracks")).collect()
    }
    assert (rows["t1"], rows["t2"]) == ("time_unparsable", None)

    write(tmp_path / "{a}" / "user_artists.dat", "userID\tartistID\tweight\n2\t51\t13\n")
    write(tmp_path / "{a}" / "artists.dat", "id\tname\turl\tpictureURL\n51\tKelp\tu\tp\n")
    counts = Converted(spark, "hetrec-2k", tmp_path / "{a}", tmp_path / "out {a}")
    assert counts.sentence.startswith("1 counts of 1 artists")
