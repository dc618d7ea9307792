import random

import pytest

from ritornello.catalogue.keys import with_title_keys
from ritornello.catalogue.recordings import artist_keys, leaders, recordings, united

TRACKS = (
    "track_id int, artist_key string, song_key string, title_key string, is_version boolean,"
    " duration_ms bigint, recording_key string"
)
JUDGED = [
    # track artist song title version length recording, then recording and rule
    ((1, "owls", "dusk", "dusklive", True, 300_000, None), None),  # a live version came first
    ((2, "owls", "dusk", "dusk", False, 200_000, None), (1, "version")),
    ((3, "owls", "dusk", "dusk", False, None, None), (1, "version")),  # length unknown
    ((4, "owls", "dusk", "dusk", False, 230_000, None), (1, "version")),  # half a minute more
    ((5, "owls", "dusk", "dusk", False, 400_000, None), None),  # another song of that name
    ((6, "owls", "dusk", "dusk", False, 401_000, None), (5, "title")),
    ((7, "moss", "dusk", "dusk", False, 200_000, None), None),  # another artist
    ((8, None, "dusk", "dusk", False, 200_000, None), None),  # no artist
    ((9, None, "dusk", "dusk", False, 200_000, None), None),
    ((10, "owls", None, None, False, None, None), None),
    ((11, "owls", "intro", "intro", False, None, None), None),  # a title of many pieces
    ((12, "owls", "intro", "intro", False, None, None), None),
    ((13, "owls", "fog", "fog", False, 100_000, "r1"), None),
    ((14, "owls", "fug", "fug", False, 300_000, "r1"), (13, "recording")),  # another spelling
    ((15, "owls", "fog", "fog", False, 101_000, None), (13, "title")),  # not mapped
    ((16, None, None, None, False, None, "r2"), None),
    ((17, None, None, None, False, None, "r2"), (16, "recording")),
    ((18, "owls", "fog", "fog", False, None, "r3"), (13, "title")),
    ((19, "owls", "rain", "rain", False, 100_000, None), None),
    ((20, "owls", "rain", "rain", False, 300_000, "r4"), None),  # another song of that name
    ((21, "owls", "rain", "rain", False, 300_000, "r4"), (20, "recording")),  # and not of the first
]


def judged(spark, most=99):
    return spark.createDataFrame([row for row, _ in JUDGED if row[0] <= most], TRACKS)


def found(tracks) -> dict[int, tuple[int, str]]:
    rows = recordings(tracks, tolerance_seconds=60).collect()
    return {row.track_id: (row.recording_id, row.rule) for row in rows}


def test_versions_of_a_song_are_the_recording_that_came_first(spark):
    assert found(judged(spark)) == {row[0]: right for row, right in JUDGED if right}


def test_later_tracks_never_change_a_recording(spark):
    every = found(judged(spark))
    for most in (4, 9, 14):
        assert found(judged(spark, most)) == {n: one for n, one in every.items() if n <= most}


def test_an_artist_known_by_name_is_the_only_one_of_that_name_with_an_id(spark):
    artists = [
        # id, the source's id, whether that is the name, name
        (1, "a1", False, "owls"),
        (2, "owls", True, "owls"),
        (3, "a3", False, "moss"),
        (4, "a4", False, "moss"),  # homonyms
        (5, "moss", True, "moss"),
        (6, "a6", False, None),
        (7, "a7", False, None),
    ]
    schema = "artist_id int, source_artist_id string, is_name boolean, name string"
    frame = spark.createDataFrame(artists, schema).selectExpr(
        "*", "named_struct('alphanumeric', name) AS keys"
    )
    keys = {row.artist_id: row.artist_key for row in artist_keys(frame).collect()}
    assert keys[1] == keys[2]
    assert len(set(keys.values())) == 6


@pytest.mark.parametrize(
    ("lengths", "marks", "firsts", "led"),
    [
        ([100_000, 200_000, 110_000], [False] * 3, [0, 1, 2], [0, 1, 0]),
        # the first takes the length of the next
        ([None, 200_000, 300_000], [False] * 3, [0, 1, 2], [0, 0, 2]),
        (
            [300_000, 100_000],
            [True, False],
            [0, 1],
            [0, 0],
        ),  # a live version's length tells nothing
        ([100_000, 300_000, 100_000], [False] * 3, [0, 1, 1], [0, 1, 1]),  # the source decides
    ],
)
def test_leaders(lengths, marks, firsts, led):
    assert leaders(lengths, marks, firsts, tolerance_seconds=60) == led


def test_plays_of_versions_become_plays_of_the_recording(spark):
    plays = spark.createDataFrame(
        [(1, 5, 1), (1, 6, 1), (2, 7, 1)], "user_id int, track_id int, weight int"
    )
    versions = spark.createDataFrame([(6, 5)], "track_id int, recording_id int")
    assert united(plays, versions).columns == plays.columns
    assert sorted(map(tuple, united(plays, versions).collect())) == [
        (1, 5, 1),
        (1, 5, 1),
        (2, 7, 1),
    ]


WORDS = "amber beat cloud dance echo fire gold home ice jump kind love moon night ocean"
VERSIONS = (  # other ways to write the title of one song
    "{} - Remastered 2011", "{} - 2009 Remaster", "{} (Remastered)", "{} - Single Version",
    "{} - Album Version", "{} (Live)", "{} - Live at the Mill", "{} - Radio Edit", "{} - Mono",
    "{} (feat. Someone)", "{} [Explicit]", "{} (Deluxe Edition)", "{} - Bonus Track", "{}",
    "{} (2015 Remaster)", "{} - Single", "{} - Stereo Version", "{} (25th Anniversary Edition)",
)  # fmt: skip
OTHERS = (  # titles of other songs that begin alike
    "{} (Someone Remix)", "{} - Acoustic", "{} - Instrumental", "{} (Demo)", "{} Pt. 2",
    "{} (Part II)", "{} (Reprise)", "{} - Sped Up", "{} (Karaoke Version)", "{} II",
    "{} (Taylor's Version)", "{} - Cover", "{} (Interlude)", "{} Again",
)  # fmt: skip
SPELLINGS = (str.upper, str.lower, str.title, lambda title: title.replace("'", "\u2019"))


def pairs_of_titles(count: int, ways: tuple[str, ...], seed: int) -> list[tuple[str, str]]:
    """Invented titles, each with another one made by one of these ways."""
    draw, pairs = random.Random(seed), []
    for nth in range(count):
        title = " ".join(draw.choices(WORDS.split(), k=draw.randint(1, 3))) + draw.choice(
            ("", "'s end", "!")
        )
        title = f"{title} {nth}"
        pairs.append((title, draw.choice(SPELLINGS)(draw.choice(ways).format(title))))
    return pairs


def united_pairs(spark, pairs, *, same_artist) -> int:
    """How many of the pairs of titles are united, at lengths within ten seconds of each other."""
    rows = [
        (2 * nth + place, f"artist {nth}" if same_artist(nth) else f"artist {nth} {place}", title)
        for nth, pair in enumerate(pairs)
        for place, title in enumerate(pair)
    ]
    named = spark.createDataFrame(rows, "track_id int, artist_key string, title string")
    tracks = with_title_keys(named, title="title").selectExpr(
        "*", "200000L + 10 * (track_id % 2) AS duration_ms", "CAST(NULL AS string) AS recording_key"
    )
    return len(found(tracks))


def test_versions_are_united_and_other_songs_are_not(spark):
    versions = pairs_of_titles(1_000, VERSIONS, seed=1)
    assert united_pairs(spark, versions, same_artist=lambda nth: True) >= 950
    others = pairs_of_titles(1_000, OTHERS, seed=2)
    assert united_pairs(spark, others, same_artist=lambda nth: True) <= 5
    covers = pairs_of_titles(1_000, VERSIONS, seed=3)
    assert united_pairs(spark, covers, same_artist=lambda nth: False) == 0
