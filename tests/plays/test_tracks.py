from datetime import UTC, datetime

from chispa import assert_df_equality

from ritornello.plays.artists import artists_of, with_artist_id
from ritornello.plays.tracks import one_per_track, summarise_tracks, with_content_hash

MAY = datetime(2024, 5, 1, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, tzinfo=UTC)


def test_a_track_listed_twice_is_kept_once_with_the_smallest_text_id(spark):
    judged = spark.createDataFrame(
        [
            (1, "b", "x", False),
            (1, "a", "y", True),
            (1, None, "z", False),  # no text id comes last
            (2, None, "x", True),
            (None, "c", "x", False),
            (-1, "d", "x", False),
        ],
        "track_index bigint, source_track_key string, track_name string, kept boolean",
    )
    listed = with_content_hash(judged.drop("kept"))
    assert_df_equality(
        one_per_track(listed).drop("texts"),
        judged.where("kept").drop("kept"),
        ignore_row_order=True,
    )
    assert {row.track_index: row.texts for row in one_per_track(listed).collect()} == {1: 2, 2: 0}
    told = summarise_tracks(listed).first()
    assert (told.listed_tracks, told.unusable_tracks) == (6, 2)
    again = summarise_tracks(with_content_hash(judged.drop("kept").orderBy("track_name"))).first()
    assert again == told


def test_an_artist_is_first_played_with_any_of_its_tracks_and_named_by_the_first(spark):
    tracks = spark.createDataFrame(
        [
            (1, "x", None, JUNE),
            (2, "x", "Name", MAY),
            (3, "x", "Other", None),
            (4, "y", None, None),
            (5, None, None, MAY),  # no artist
        ],
        "source_track_id bigint, source_artist_id string, artist_name string,"
        " first_played_at timestamp",
    )
    expected = spark.createDataFrame(
        [("x", MAY, "Name"), ("y", None, None)],
        "source_artist_id string, first_played_at timestamp, artist_name string",
    )
    assert_df_equality(artists_of(tracks), expected, ignore_row_order=True)
    ids = spark.createDataFrame([("x", 0), ("y", 1)], "source_artist_id string, artist_id int")
    given = {row.source_track_id: row.artist_id for row in with_artist_id(tracks, ids).collect()}
    assert given == {1: 0, 2: 0, 3: 0, 4: 1, 5: None}
