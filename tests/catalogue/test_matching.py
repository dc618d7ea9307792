"""B1.2: the join by name, its homonyms, and what is nearly the same."""

from chispa import assert_df_equality

from ritornello.catalogue.fuzzy import fuzzy_candidates
from ritornello.catalogue.homonyms import (
    genre_agreement,
    judged,
    judged_as_published,
    title_plays,
    with_homonyms,
)
from ritornello.catalogue.keys import with_name_keys
from ritornello.catalogue.matching import candidates, with_alias

ANY_ORDER = {"ignore_row_order": True, "ignore_nullable": True}
LOG = [
    (1, "Tin Owls", "Tin Owls"),
    (2, "tin owls ", "tin owls "),
    (3, "The Möss", "The Möss"),
    (4, "Zedd & Co", "Zedd & Co"),
    (5, "c-9", "What It Is Called Here"),  # the source's id is the catalogue's
    (6, "MC Alias", "mc alias"),
    (7, "Nobody", "Nobody"),
    (8, "Twin", "Twin"),
    (9, "x9", None),
]
CATALOGUE = [
    ("c-1", "Tin Owls"),
    ("c-2", "TIN OWLS"),
    ("c-3", "Moss"),
    ("c-4", "Zedd and Co"),
    ("c-6", "Proper Name"),
    ("c-8", "Twin"),
    ("c-88", "Twin"),
    ("c-9", "What It Is Called There"),
    ("c-0", None),
]


def artists_of(spark, rows=LOG):
    plain = spark.createDataFrame(rows, "artist_id int, source_artist_id string, name string")
    return with_name_keys(plain, name="name")


def catalogue_of(spark, rows=CATALOGUE):
    plain = spark.createDataFrame(rows, "catalogue_artist_id string, name string")
    return with_name_keys(plain, name="name")


def found(frame) -> set:
    return {(row.artist_id, row.catalogue_artist_id, row.matched_by) for row in frame.collect()}


def test_the_strictest_way_of_agreeing_decides(spark):
    """B1.2: normalisers exact, basic, loose, NFKD alphanumeric, each only where no stricter one is."""
    aliases = with_name_keys(
        spark.createDataFrame([("MC ALIAS", "proper name")], "alias string, name string"),
        name="alias",
    )
    artists = with_alias(artists_of(spark), aliases)
    by_all = candidates(artists, catalogue_of(spark), normaliser="alphanumeric")
    expected = {
        (1, "c-1", "exact"),  # not c-2 as well: exact is stricter
        (2, "c-1", "basic"),
        (2, "c-2", "basic"),
        (4, "c-4", "loose"),
        (5, "c-9", "id"),
        (6, "c-6", "alias"),
        (8, "c-8", "exact"),
        (8, "c-88", "exact"),
    }
    assert found(by_all) == expected  # 'The Möss' is not 'Moss' in any of the four
    strict = candidates(artists, catalogue_of(spark), normaliser="exact")
    assert found(strict) == {row for row in expected if row[2] not in ("basic", "loose")}


def test_homonyms_are_judged_by_songs_played_then_by_genres_and_never_multiply(spark):
    """B1.2: homonyms must not multiply plays."""
    could_be = spark.createDataFrame(
        [
            # artist candidate titles genres chosen
            (1, "a", 5, 0.0, False),
            (1, "b", 6, 0.0, True),  # one more play of a song of its own
            (2, "a", 3, 0.2, False),
            (2, "b", 3, 0.3, True),  # as many, but its genres agree more
            (3, "a", 2, 0.2, False),  # equal in both: ambiguous, no match
            (3, "b", 2, 0.2, False),
            (4, "a", None, None, True),  # alone: nothing to judge
            (5, "a", None, None, False),
            (5, "b", None, None, False),  # nothing is known: ambiguous
        ],
        "artist_id int, catalogue_artist_id string, title_plays bigint, genre_agreement double,"
        " is_chosen boolean",
    )
    pair = ["artist_id", "catalogue_artist_id"]
    told = judged(
        could_be.select(*pair),
        could_be.select(*pair, "title_plays").where("title_plays IS NOT NULL"),
        could_be.select(*pair, "genre_agreement").where("genre_agreement IS NOT NULL"),
    )
    expected = could_be.na.fill({"title_plays": 0, "genre_agreement": 0.0})
    assert_df_equality(told, expected, **ANY_ORDER)
    counted = {row.artist_id: row.homonyms for row in with_homonyms(could_be).collect()}
    assert counted == {1: 2, 2: 2, 3: 2, 4: 1, 5: 2}


def test_undated_popularity_judges_only_in_the_option_named_after_the_recipe(spark):
    could_be = spark.createDataFrame(
        [(1, "a"), (1, "b"), (2, "c"), (2, "d")], "artist_id int, catalogue_artist_id string"
    )
    popularity = spark.createDataFrame(
        [("a", 10.0), ("b", 90.0), ("c", None), ("d", None)],
        "catalogue_artist_id string, popularity double",
    )
    chosen = judged_as_published(could_be, popularity).where("is_chosen").collect()
    assert {(row.artist_id, row.catalogue_artist_id) for row in chosen} == {(1, "b"), (2, "c")}


def test_evidence_is_counted_in_plays(spark):
    shared = spark.createDataFrame(
        [(1, "jazz"), (1, "rock")], "artist_id int, catalogue_artist_id string"
    )
    played = spark.createDataFrame(
        [(1, "dusk", 4), (1, "dawn", 2), (1, None, 9), (2, "dusk", 99)],
        "artist_id int, song_key string, plays bigint",
    )
    credits = spark.createDataFrame(
        [("jazz", "dusk"), ("jazz", "dusk"), ("rock", "dawn"), ("rock", "noon"), ("x", "dusk")],
        "catalogue_artist_id string, song_key string",
    )
    titles = {tuple(row) for row in title_plays(shared, played, credits).collect()}
    assert titles == {(1, "jazz", 4), (1, "rock", 2)}  # a song listed twice counts once
    pairs = spark.createDataFrame(
        [
            (1, 1, 3),  # the listener of the shared name ...
            (1, 10, 6),  # ... plays settled jazz
            (1, 11, 2),  # ... and a settled artist of jazz and rock
            (2, 11, 50),  # never played the shared name
        ],
        "user_id int, artist_id int, plays bigint",
    )
    settled = spark.createDataFrame(
        [(10, "j"), (11, "jr")], "artist_id int, catalogue_artist_id string"
    )
    genres = spark.createDataFrame(
        [("j", ["jazz"]), ("jr", ["jazz", "rock"]), ("jazz", ["jazz"]), ("rock", ["rock", "ska"])],
        "catalogue_artist_id string, genres array<string>",
    )
    agreed = {
        row.catalogue_artist_id: row.genre_agreement
        for row in genre_agreement(shared, pairs, settled, genres).collect()
    }
    assert agreed == {"jazz": 7 / 8, "rock": 1 / 8 / 2}  # mean over the candidate's genres


def test_fuzzy_takes_the_nearest_from_the_threshold_on_within_small_blocks(spark):
    rows = [
        (1, "", "Tin Owlz of Marrow"),
        (2, "", "Quite Another"),
        (3, "", "Tin Owls of Marrowe"),
        (4, "", "Zed"),  # too short
    ]
    catalogue = [("c1", "Tin Owls of Marrow"), ("c2", "Tin Owls of Sorrow"), ("c3", "Zedd")]
    asked, offered = artists_of(spark, rows), catalogue_of(spark, catalogue)
    near = fuzzy_candidates(asked, offered, threshold=90.0, block=10)
    assert found(near) == {(1, "c1", "fuzzy"), (3, "c1", "fuzzy")}
    assert all(90 <= row.similarity < 100 for row in near.collect())
    assert fuzzy_candidates(asked, offered, threshold=98.0, block=10).isEmpty()
    assert (
        fuzzy_candidates(asked, offered, threshold=90.0, block=1).where("artist_id = 3").isEmpty()
    )
