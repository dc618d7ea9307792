"""What was heard before the night, and the taste in it."""

from datetime import UTC, datetime

import pytest

from ritornello.as_of import before
from ritornello.playlists.heard import heard_songs, heard_tracks, listed_moments, tastes

AS_OF = datetime(2024, 5, 6, tzinfo=UTC)
HEARD = "user_id int, track_id int, plays bigint, last_played_at timestamp"


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2024, 5, day, hour, tzinfo=UTC)


def test_b2_taste_is_the_plays_weighted_mean_of_what_was_played_before(spark):
    """B2: plays-weighted mean tempo and valence. Published fault: taste built on all data."""
    plays = spark.createDataFrame(
        [
            # user track played_at
            (1, 100, at(1)),
            (1, 100, at(2)),
            (1, 100, at(3)),
            (1, 101, at(4)),
            (1, 102, at(4)),  # its tempo is unknown
            (1, 103, at(4)),  # nothing is known of it
            (1, 104, at(6)),  # at the instant: not before it
            (1, 104, at(7)),
            (2, 103, at(1)),
            (3, 102, at(1)),
        ],
        "user_id int, item_id int, played_at timestamp",
    )
    audio = spark.createDataFrame(
        [(100, 120.0, 0.5), (101, 80.0, 0.1), (102, None, 0.3), (104, 200.0, 1.0)],
        "track_id int, tempo double, valence double",
    )
    found = tastes(heard_tracks(before(plays, AS_OF)), audio).orderBy("user_id").collect()
    assert [tuple(row) for row in found] == [
        (1, pytest.approx(110.0), pytest.approx(0.38)),  # (3*120+80)/4, (3*.5+.1+.3)/5
        (3, None, pytest.approx(0.3)),
    ]  # listener 2 played nothing that is known: no taste, not a taste of zero


def test_versions_of_a_song_are_heard_as_one(spark):
    heard = spark.createDataFrame(
        [(1, 100, 2, at(1)), (1, 102, 3, at(4)), (1, 103, 1, at(2)), (2, 102, 1, at(3))], HEARD
    )
    recordings = spark.createDataFrame([(100, 100), (102, 100)], "track_id int, recording_id int")
    songs = heard_songs(heard, recordings).collect()
    assert {(row["user_id"], row["recording_id"]): row["plays"] for row in songs} == {
        (1, 100): 5,
        (1, 103): 1,  # of no known recording
        (2, 100): 1,
    }
    newest = {row["last_played_at"] for row in songs if row["plays"] == 5}
    assert [moment.astimezone(UTC) for moment in newest] == [at(4)]


def test_what_was_listed_is_told_by_moment(spark):
    lists = spark.createDataFrame(
        [(1, 100, "walk"), (1, 100, "default"), (1, 100, "walk"), (2, 100, "rest")],
        "user_id int, recording_id int, moment string",
    )
    found = listed_moments(lists).orderBy("user_id").collect()
    assert [row["listed_moments"] for row in found] == [["default", "walk"], ["rest"]]
