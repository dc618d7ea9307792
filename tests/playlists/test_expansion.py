"""From recommended artists to tracks: by id, by plays before the night; the paper's way by option."""

from chispa import assert_df_equality

from ritornello.playlists.expansion import (
    best_tracks,
    best_tracks_with_fallback,
    published_popularity,
    recommended,
    tracks_of_artists,
)
from ritornello.playlists.heard import plays_of_tracks

SONGS = "track_id int, artist_id int, recording_id int"


def rows_of(df) -> list[tuple]:
    return sorted(tuple(row) for row in df.collect())


def test_b2_artists_give_their_top_tracks_by_id(spark):
    """B2: the top 2 tracks of each artist, by artist id and not by a piece of the name."""
    songs = spark.createDataFrame(
        [
            # track artist recording   plays
            (100, 10, 100),  # 5
            (101, 10, 101),  # 3
            (102, 10, 100),  # 4: a version of 100, so the song has 9
            (103, 10, 103),  # 3: as much as 101, larger id
            (104, 10, 104),  # nobody played it: it does not exist yet
            (200, 20, 200),  # 1
            (300, None, 300),  # 7: of an unknown artist
        ],
        SONGS,
    )
    heard = spark.createDataFrame(
        [(1, 100, 2), (2, 100, 3), (1, 101, 3), (2, 102, 4), (1, 103, 3), (2, 200, 1), (1, 300, 7)],
        "user_id int, track_id int, plays bigint",
    )
    best = best_tracks(plays_of_tracks(heard), songs, limit=2)
    assert rows_of(best) == [(10, 100), (10, 101), (20, 200)]
    # artist 10's lists reach listener 1 with the artist's score; one row per (user, track)
    artists = spark.createDataFrame(
        [(1, 10, 0.9, "als"), (1, 99, 0.8, "als"), (2, 20, 0.7, "popular")],
        "user_id int, item_id int, recommendation_score double, source string",
    )
    assert rows_of(tracks_of_artists(artists, best)) == [
        (1, 0.9, "als", 100),
        (1, 0.9, "als", 101),
        (2, 0.7, "popular", 200),
    ]


def test_b2_the_published_popularity_is_an_option_of_that_name(spark):
    """B2: by popularity, as the paper does, and as the fallback for artists without a play."""
    songs = spark.createDataFrame(
        [(100, 10, 100), (101, 10, 101), (102, 10, 102), (200, 20, 200), (201, 20, 201)], SONGS
    )
    tracks = spark.createDataFrame(
        [(100, 9), (101, 99_000), (102, 7), (200, None), (201, 3)],
        "track_id int, source_play_count bigint",
    )
    catalogue = spark.createDataFrame([(100, 1.0), (102, 80.0)], "track_id int, popularity double")
    by_count = published_popularity(tracks, None)
    assert rows_of(best_tracks(by_count, songs, limit=1)) == [(10, 101), (20, 201)]
    # the catalogue's popularity stands before any count, which is of another scale
    by_catalogue = published_popularity(tracks, catalogue)
    assert rows_of(best_tracks(by_catalogue, songs, limit=2)) == [
        (10, 100),
        (10, 102),
        (20, 200),
        (20, 201),
    ]
    by_plays = spark.createDataFrame([(10, 100)], "artist_id int, track_id int")
    filled = best_tracks_with_fallback(by_plays, by_count, songs, limit=1)
    assert rows_of(filled) == [(10, 100), (20, 201)]  # artist 10 keeps what was played


def test_an_item_of_several_lists_is_recommended_once(spark):
    lists = spark.createDataFrame(
        [
            (1, "mixed", 1, 5, 0.9, "als"),
            (1, "new", 1, 5, 0.9, "als"),
            (1, "new", 2, 6, 0.1, "popular"),  # stands on the list of new ones only
            (2, "mixed", 1, 5, 0.2, "popular"),
        ],
        "user_id int, list string, rank int, item_id int, score double, source string",
    )
    expected = spark.createDataFrame(
        [(1, 5, 0.9, "als"), (1, 6, 0.1, "popular"), (2, 5, 0.2, "popular")],
        "user_id int, item_id int, recommendation_score double, source string",
    )
    assert_df_equality(recommended(lists), expected, ignore_row_order=True, ignore_nullable=True)
