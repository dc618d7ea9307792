from datetime import UTC, datetime

from pyspark.sql import functions as F

from ritornello.as_of import before, between
from ritornello.features.history import histories, plays_of_items, with_last_plays

PLAYS = "user_id int, item_id int, played_at timestamp"


def at(day: int, hour: int = 12, month: int = 5) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=UTC)


def test_skips_are_outside_all_counts_and_artists_of_unknown_tracks_stay_out(spark):
    plays = spark.createDataFrame(
        [(1, 7, at(1), 1), (1, 7, at(2), -1), (1, 8, at(3), 1)],
        "user_id int, track_id int, played_at timestamp, weight int",
    )
    tracks = spark.createDataFrame([(7, 70), (8, None)], "track_id int, artist_id int")
    by_track = plays_of_items(plays, tracks, item_kind="track")
    by_artist = plays_of_items(plays, tracks, item_kind="artist")
    assert sorted(row.item_id for row in by_track.collect()) == [7, 8]
    assert [row.item_id for row in by_artist.collect()] == [70]


def test_histories_keep_the_newest_and_break_ties_by_item(spark):
    plays = spark.createDataFrame(
        [(1, 7, at(1)), (1, 9, at(3)), (1, 8, at(3)), (1, 5, at(2)), (2, 5, at(1))], PLAYS
    )
    found = {row.user_id: row.item_ids for row in histories(plays, length=3).collect()}
    assert found == {1: [9, 8, 5], 2: [5]}


def test_last_plays_count_within_the_window_and_zero_beyond_it(spark):
    pairs = spark.createDataFrame([(1, 7), (1, 8), (1, 9)], "user_id int, item_id int")
    # 7 was played 60 plays ago and again long before; 9 is older than the stored history
    listened = [8] * 60 + [7] + [8] * 100 + [7]
    stored = spark.createDataFrame([(1, listened)], "user_id int, item_ids array<int>")
    found = {row.item_id: row for row in with_last_plays(pairs, stored).collect()}
    assert (found[7].plays_in_last_50, found[7].plays_in_last_150) == (0, 1)
    assert (found[7].plays_in_last_500, found[7].plays_since) == (2, 60)
    assert (found[8].plays_in_last_50, found[8].plays_since) == (50, 0)
    assert (found[9].plays_in_last_2000, found[9].plays_since) == (0, None)


def test_before_is_strict_and_between_takes_its_start(spark):
    plays = spark.createDataFrame([(1, 1, at(1)), (1, 2, at(2)), (1, 3, at(3))], PLAYS)
    assert [r.item_id for r in before(plays, at(2)).orderBy("item_id").collect()] == [1]
    assert [r.item_id for r in between(plays, at(2), at(3)).collect()] == [2]
    assert before(plays, at(1)).filter(F.lit(True)).count() == 0
