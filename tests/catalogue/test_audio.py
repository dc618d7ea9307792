from ritornello.catalogue.audio import matched_tracks, track_audio
from ritornello.tables.contracts.catalogue import AUDIO, CATEGORIES

CATALOGUE = (
    "catalogue_track_id string, catalogue_artist_ids array<string>, title_key string,"
    " song_key string, duration_ms double,"
    + ", ".join(f"{name} double" for name in AUDIO)
    + ","
    + ", ".join(f"{name} int" for name in CATEGORIES)
)


def listed(id_, artists, title, song, duration=None, tempo=None):
    audio = (tempo if name == "tempo" else None for name in AUDIO)
    return (id_, artists, title, song, duration, *audio, *(None for _ in CATEGORIES))


def test_a_track_is_found_by_id_then_title_then_song_of_the_matched_artist(spark):
    catalogue = spark.createDataFrame(
        [
            listed("k1", ["b"], "x", "x"),
            listed("k2", ["z", "a"], "dusk", "dusk", tempo=90.0),
            listed("k3", ["a"], "dusk", "dusk", duration=1000.4, tempo=91.0),  # knows more
            listed("k4", ["a"], "dusk", "dusk", duration=2000.0, tempo=92.0),  # as much, larger id
            listed("k5", ["a"], "dawnlive", "dawn"),
            listed("k6", None, "dusk", "dusk"),
        ],
        CATALOGUE,
    )
    played = spark.createDataFrame(
        [
            (1, "k1", 7, "dusk", "dusk"),  # the id comes before the title
            (2, "x2", 7, "dusk", "dusk"),
            (3, None, 7, "dawnremastered", "dawn"),  # another version of the song
            (4, "x4", 8, "dusk", "dusk"),  # the artist has no match
            (5, "k5", None, None, None),  # no artist: by id only
        ],
        "track_id int, source_track_key string, artist_id int, title_key string, song_key string",
    )
    matches = spark.createDataFrame([(7, "a")], "artist_id int, catalogue_artist_id string")
    found = matched_tracks(played, matches, catalogue)
    assert {tuple(row) for row in found.collect()} == {(1, "k1"), (2, "k3"), (3, "k5"), (5, "k5")}
    audio = {row.track_id: row for row in track_audio(found, catalogue).collect()}
    assert (audio[2].tempo, audio[2].duration_ms) == (91.0, 1000)
    assert (audio[3].tempo, audio[3].key) == (None, None)  # gaps stay
