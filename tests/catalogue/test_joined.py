"""B1.2: coverage in plays and names; min_plays; what is unmatched and why."""

from pyspark.sql import functions as F

from ritornello.catalogue.joined import covered, joined, shares, unmatched
from ritornello.catalogue.keys import with_name_keys


def test_coverage_counts_plays_and_distinct_names_once(spark):
    artists = with_name_keys(
        spark.createDataFrame(
            [
                (1, "Tin Owls", 10, 2),
                (2, "tin owls", 5, 1),
                (3, "Twin", 3, 1),  # ambiguous
                (4, None, 2, 1),  # an artist without a name
                (5, "Nobody", 1, 1),
            ],
            "artist_id int, artist_name string, plays bigint, listeners bigint",
        ),
        name="artist_name",
    )
    catalogue = with_name_keys(
        spark.createDataFrame([("Tin Owls",), ("TIN OWLS",), ("Twin",), ("Twin",)], "name string"),
        name="name",
    )
    matches = spark.createDataFrame(
        [(1, "exact"), (2, "basic")], "artist_id int, matched_by string"
    )
    could_be = spark.createDataFrame([(1,), (2,), (3,), (3,)], "artist_id int")
    missing = unmatched(artists, matches, could_be)
    assert {(r.artist_id, r.reason) for r in missing.collect()} == {
        (3, "ambiguous"),
        (4, "no_name"),
        (5, "not_found"),
    }
    conditions = {
        "all": F.lit(True),
        "matched": F.col("matched_by").isNotNull(),
        "exact": F.col("by_exact"),
        "basic": F.col("by_basic"),
    }
    told = shares(covered(artists, catalogue, matches, missing), conditions).first()
    assert (told.all_plays, told.all_names) == (21, 4)
    assert (told.matched_plays, told.matched_names) == (15, 2)
    assert (told.exact_plays, told.basic_plays) == (13, 18)  # homonyms do not multiply


def test_pairs_of_few_plays_stay_out(spark):
    pairs = spark.createDataFrame(
        [(1, 1, 2), (2, 1, 1), (1, 9, 5)], "user_id int, artist_id int, plays bigint"
    )
    columns = "artist_name string, catalogue_artist_id string, catalogue_name string"
    matches = spark.createDataFrame(
        [(1, "a", "A", "A", "exact")], f"artist_id int, {columns}, matched_by string"
    )
    kept = joined(pairs, matches, min_plays=2).collect()
    assert [(row.user_id, row.artist_id) for row in kept] == [(1, 1)]
