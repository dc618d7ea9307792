import pytest

from ritornello.evaluation.strata import (
    bin_names,
    category_strata,
    history_strata,
)


@pytest.fixture(scope="module")
def strata(spark):
    listeners = spark.createDataFrame([(1,), (2,), (3,), (4,)], "user_id int")
    profile = spark.createDataFrame(
        [(1, 23, 0.2), (2, 24, 0.25), (3, 10_000, 1.0), (9, 50, 0.5)],  # 9 is not asked for
        "user_id int, plays bigint, repeat_rate double",
    )
    return history_strata(listeners, profile).persist()


def test_lower_edges_belong_to_their_bin_and_nobody_is_lost(strata):
    found = {(row.user_id, row.stratum): (row.nth, row.bin) for row in strata.collect()}
    assert found == {
        (1, "history_length"): (0, "<24"),
        (1, "repeat_share"): (0, "<0.25"),
        (2, "history_length"): (1, "24-100"),
        (2, "repeat_share"): (1, "0.25-0.5"),
        (3, "history_length"): (6, ">=10000"),
        (3, "repeat_share"): (3, ">=0.75"),
        (4, "history_length"): (0, "<24"),  # no history at all
        (4, "repeat_share"): (-1, "unknown"),
    }


def test_names_of_bins():
    assert bin_names([24, 100.0]) == ["<24", "24-100", ">=100"]
    assert bin_names([0.5]) == ["<0.5", ">=0.5"]


def test_a_listener_stands_where_most_of_the_test_plays_fall(spark):
    plays = spark.createDataFrame(
        [
            (1, 10),
            (1, 10),  # every play counts, not every item
            (1, 11),
            (2, 10),
            (2, 11),  # equal: the smaller name
            (3, 12),  # neither era nor genre
            (3, 13),  # not in the catalogue
            (4, 12),
            (4, 12),
            (4, 11),  # the only one of a known era
        ],
        "user_id int, item_id int",
    )
    traits = spark.createDataFrame(
        [
            (10, "OLD", "2", [7, 8, 9]),
            (11, "LATE", "1", [9]),
            (12, None, "1", None),
        ],
        "item_id int, year_category string, domain string, genre_ids array<bigint>",
    )
    found = {}
    for row in category_strata(plays, traits).collect():
        found.setdefault(row.stratum, {})[row.user_id] = (row.nth, row.bin)
    assert found["era"] == {1: (0, "OLD"), 2: (0, "LATE"), 3: (-1, "unknown"), 4: (0, "LATE")}
    assert found["domain"] == {1: (0, "2"), 2: (0, "1"), 3: (0, "1"), 4: (0, "1")}
    # listener 1: 7 and 8 have 2/3 of a play each, 9 has 5/3
    assert found["genre"] == {1: (0, "9"), 2: (0, "9"), 3: (-1, "unknown"), 4: (0, "9")}


def test_parts_of_a_play_add_up(spark):
    """Six plays split in six weigh as much as one whole play: the smaller name wins."""
    plays = spark.createDataFrame([(1, 10)] * 6 + [(1, 11)], "user_id int, item_id int")
    traits = spark.createDataFrame(
        [(10, None, None, [4, 5, 6, 7, 8, 9]), (11, None, None, [99])],
        "item_id int, year_category string, domain string, genre_ids array<bigint>",
    )
    genre = category_strata(plays, traits).where("stratum = 'genre'").first()
    assert genre.bin == "4"
