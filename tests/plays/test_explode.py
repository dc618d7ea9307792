from chispa import assert_df_equality
from pyspark.sql import functions as F

from ritornello.plays.explode import explode_lists, parsed_time, time_text

ROW = (
    "file_number int, character_index int,"
    " actions array<struct<track_index:int,timestamp:string,`1`:int>>, size_of_actions int"
)


def test_an_empty_or_missing_list_stands_as_one_row(spark):
    rows = [
        (0, 7, [(1, "2024-05-01 00:00:00 UTC", 1), None, (2, "soon", None)], 3),
        (0, 8, [], 0),
        (1, None, None, None),
    ]
    actual = explode_lists(spark.createDataFrame(rows, ROW)).withColumn(
        "played_at", F.col("played_at").cast("string")
    )
    expected = spark.createDataFrame(
        [
            # file user stated length opens missing track played_at text weight
            (0, 7, 3, 3, True, False, 1, "2024-05-01 00:00:00", None, 1),
            (0, 7, 3, 3, False, True, None, None, None, None),
            (0, 7, 3, 3, False, False, 2, None, "soon", None),
            (0, 8, 0, 0, True, True, None, None, None, None),
            (1, None, None, None, True, True, None, None, None, None),
        ],
        "file_number int, character_index bigint, stated_size bigint, list_length int,"
        " opens_row boolean, element_missing boolean, track_index bigint, played_at string,"
        " played_at_text string, weight bigint",
    )
    assert_df_equality(actual, expected, ignore_nullable=True)


def test_only_the_strict_format_is_a_time_and_its_text_comes_back(spark):
    judged = spark.createDataFrame(
        [
            ("2024-02-29 23:59:59 UTC", True),
            ("1999-01-01 00:00:00 UTC", True),
            ("2023-02-29 00:00:00 UTC", False),  # no such day
            ("2024-01-01 24:00:00 UTC", False),
            ("2024-01-01 00:00:60 UTC", False),
            ("2024-01-01 00:00:00", False),
            ("2024-01-01 00:00:00 utc", False),
            ("2024-01-01 00:00:00 UTC ", False),
            ("2024-01-01T00:00:00 UTC", False),
            ("2024-1-5 00:00:00 UTC", False),
            ("2024-01-01 00:00:00.5 UTC", False),
            ("2024", False),
            ("", False),
        ],
        "text string, is_time boolean",
    )
    actual = judged.select(
        "text",
        F.coalesce(time_text(parsed_time("text")) == F.col("text"), F.lit(False)).alias("is_time"),
    )
    assert_df_equality(actual, judged, ignore_nullable=True)
