from datetime import UTC, datetime

from chispa import assert_df_equality
from pyspark.sql import functions as F

from ritornello.plays.triage import PLAY_REASONS, with_known_track, with_rejection_reason

EARLIEST = datetime(2002, 1, 1, tzinfo=UTC)
UNTIL = datetime(2024, 6, 1, tzinfo=UTC)
GOOD = "2024-05-01 12:00:00"
PLAY = (
    "character_index bigint, element_missing boolean, track_index bigint, played_at string,"
    " played_at_text string, weight bigint, track_is_known boolean, reason string"
)


def test_every_play_is_taken_or_has_the_first_reason_that_applies(spark):
    rows = [
        # user missing? track played_at text weight known  reason
        (1, False, 5, GOOD, None, 1, True, None),
        (0, False, 0, GOOD, None, 1, True, None),  # zero is an index
        (1, False, 5, GOOD, None, -2, True, None),  # a dislike is an event
        (1, False, 5, "2002-01-01 00:00:00", None, 1, True, None),  # both borders are taken
        (1, False, 5, "2024-06-01 00:00:00", None, 1, True, None),
        (None, False, 5, GOOD, None, 1, True, "listener_missing"),
        (-1, False, 5, GOOD, None, 1, True, "listener_negative"),
        (1, True, None, None, None, None, False, "element_missing"),
        (1, False, None, GOOD, None, 1, False, "track_missing"),
        (1, False, -5, GOOD, None, 1, False, "track_negative"),
        (1, False, 5, None, None, 1, True, "time_missing"),
        (1, False, 5, None, "soon", 1, True, "time_unparsable"),
        (1, False, 5, "2001-12-31 23:59:59", None, 1, True, "time_too_early"),
        (1, False, 5, "2024-06-01 00:00:01", None, 1, True, "time_in_the_future"),
        (1, False, 5, GOOD, None, None, True, "weight_missing"),
        (1, False, 5, GOOD, None, 0, True, "weight_zero"),
        (1, False, 5, GOOD, None, 2**31, True, "weight_out_of_range"),
        (1, False, 5, GOOD, None, -(2**31), True, "weight_out_of_range"),
        (1, False, 5, GOOD, None, 1, False, "track_unknown"),
        (None, True, None, None, None, None, False, "listener_missing"),  # the first one wins
        (1, False, 5, None, "soon", 0, False, "time_unparsable"),  # unknown track is the last
    ]
    assert {row[-1] for row in rows} == {None, *PLAY_REASONS}
    expected = spark.createDataFrame(rows, PLAY).withColumn(
        "played_at", F.to_timestamp("played_at")
    )
    actual = expected.drop("reason").transform(
        with_rejection_reason, earliest=EARLIEST, until=UNTIL
    )
    assert_df_equality(actual, expected, ignore_nullable=True)


def test_a_track_is_known_if_it_stands_in_the_catalogue(spark):
    expected = spark.createDataFrame(
        [(1, True), (1, True), (2, False), (None, False)],
        "track_index bigint, track_is_known boolean",
    )
    known = spark.createDataFrame([(1,), (3,)], "track_index bigint")
    actual = expected.drop("track_is_known").transform(with_known_track, known=known)
    assert_df_equality(actual, expected, ignore_nullable=True, ignore_row_order=True)
