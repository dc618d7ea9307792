from datetime import UTC, datetime

import pytest

from ritornello.catalogue.recordings import leaders, recordings, united

PLAYED = (
    "track_id int, first_played_at timestamp, artist_key string, song_key string,"
    " is_version boolean, duration_ms bigint, recording_id int"
)


def day(number: int) -> datetime:
    return datetime(2024, 5, number, tzinfo=UTC)


def judged(spark):
    return spark.createDataFrame(
        [
            # track first artist song version length recording
            (5, day(1), "owls", "dusk", True, 300_000, 5),  # the live version was played first
            (1, day(2), "owls", "dusk", False, 200_000, 5),
            (2, day(3), "owls", "dusk", False, None, 5),  # length unknown
            (3, day(4), "owls", "dusk", False, 230_000, 5),  # half a minute more: the album version
            (4, day(5), "owls", "dusk", False, 400_000, 4),  # another song of that name
            (6, day(6), "owls", "dusk", False, 401_000, 4),
            (7, day(1), "moss", "dusk", False, 200_000, 7),  # another artist
            (8, day(2), None, "dusk", False, 200_000, 8),  # no artist: its own
            (9, day(2), "owls", None, False, None, 9),
            (11, day(7), "owls", "noon", False, None, 10),  # first played at once: the smaller id
            (10, day(7), "owls", "noon", True, None, 10),
        ],
        PLAYED,
    )


def test_versions_of_a_song_are_the_recording_played_first(spark):
    expected = {row.track_id: row.recording_id for row in judged(spark).collect()}
    found = recordings(judged(spark).drop("recording_id"), tolerance_seconds=60)
    assert {row.track_id: row.recording_id for row in found.collect()} == expected


def test_later_plays_never_change_a_recording(spark):
    every = judged(spark).drop("recording_id")
    late = {r.track_id: r.recording_id for r in recordings(every, tolerance_seconds=60).collect()}
    early = recordings(every.where("first_played_at < '2024-05-05'"), tolerance_seconds=60)
    assert all(late[row.track_id] == row.recording_id for row in early.collect())


@pytest.mark.parametrize(
    ("lengths", "marks", "led"),
    [
        ([100_000, 200_000, 110_000], [False] * 3, [0, 1, 0]),
        (
            [None, 200_000, 300_000],
            [False] * 3,
            [0, 0, 2],
        ),  # the first takes the length of the next
        ([300_000, 100_000], [True, False], [0, 0]),  # a live version's length tells nothing
    ],
)
def test_leaders(lengths, marks, led):
    assert leaders(lengths, marks, tolerance_seconds=60) == led


def test_plays_of_versions_become_plays_of_the_recording(spark):
    plays = spark.createDataFrame(
        [(1, 5, 1), (1, 6, 1), (2, 7, 1)], "user_id int, track_id int, weight int"
    )
    told = spark.createDataFrame([(5, 5), (6, 5)], "track_id int, recording_id int")
    assert united(plays, told).columns == plays.columns
    assert sorted(map(tuple, united(plays, told).collect())) == [(1, 5, 1), (1, 5, 1), (2, 7, 1)]
