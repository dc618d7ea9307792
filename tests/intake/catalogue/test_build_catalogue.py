"""import-catalogue and build-catalogue on a tiny log, and that nothing of the future is in it."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from intake.delivery_files import context_of
from plays.stored import received
from ritornello.errors import QualityGateError, UsageError
from ritornello.intake.catalogue.build_catalogue import build_catalogue
from ritornello.intake.catalogue.import_catalogue import import_catalogue
from ritornello.job import Context
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.unite import unite_tracks
from ritornello.settings.intake import CatalogueSettings
from ritornello.sources.audio_catalogue import ARTISTS, TRACKS
from sources.formats.outside_files import write

NIGHT = datetime(2024, 6, 1, tzinfo=UTC)
DERIVED = (
    "artist_matches",
    "homonyms",
    "track_audio",
    "artist_genre_aggregates",
    "artist_features_weighted",
    "artist_features_joined",
    "joined",
    "joined_with_features",
    "unmatched",
)
ARTIST_ROWS = [
    # id, genres, name, popularity
    ("owls", "['folk']", "Tin Owls", 10),
    ("owls2", "['metal']", "Tin Owls", 99),  # a homonym, more popular
    ("moss", "[]", "Möss", ""),
    ("later", "['pop']", "Later", 50),
]
TRACK_ROWS = [
    # id, name, artists, ids, released, tempo
    ("k1", "Dusk", "['Tin Owls']", "['owls']", "", 100),
    ("k2", "Noon", "['Tin Owls']", "['owls2']", "", 180),
    ("k3", "Fog", "['Möss', 'Tin Owls']", "['moss', 'owls']", "2024-05-01", 90),
    ("k4", "New", "['Tin Owls']", "['owls']", "2024-06-01", 60),  # not out before the night
    ("k5", "Listed", "['Möss']", "['moss']", "", 70),  # played only after the night
]
PLAYS = "user_id int, track_id int, played_at timestamp, weight int, month date"
LOG = [
    # listener, track, day of May 2024
    (1, 0, 1),
    (1, 0, 2),
    (1, 1, 3),
    (2, 1, 4),
    (2, 2, 5),
    (2, 3, 6),
]
TRACKS_OF_LOG = [
    (0, "x0", "x0", 0, "Dusk"),
    (1, "x1", "x1", 0, "Dusk - Live at the Mill"),
    (2, "x2", "x2", 1, "Fog"),
    (3, "x3", "x3", 2, "Unknown"),
    (4, "x4", "x4", 1, "Listed"),
]


def catalogue(folder, *, popularity=lambda value: value):
    artists = [f'{i},,"{g}",{name},{popularity(p)}' for i, g, name, p in ARTIST_ROWS]
    audio = "0.5,0.5,1,-5,1,0.1,0.1,0.1,0.1,0.5,{},4"
    tracks = [
        f'{i},{name},{popularity(40)},200000,,"{a}","{ids}",{day},{audio.format(tempo)}'
        for i, name, a, ids, day, tempo in TRACK_ROWS
    ]
    write(folder / "artists.csv", "\n".join([ARTISTS.header, *artists]) + "\n")
    write(folder / "tracks.csv", "\n".join([TRACKS.header, *tracks]) + "\n")
    return str(folder)


def play(user, track, day, month=5, weight=1):
    return (user, track, datetime(2024, month, day, 10, tzinfo=UTC), weight, date(2024, month, 1))


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory):
    context = context_of(spark, tmp_path_factory.mktemp("warehouse"))
    names = ["tin owls", "Moss", "Nobody"]
    artists = [(number, name, name) for number, name in enumerate(names)]
    context.store.append(
        "artists",
        spark.createDataFrame(
            artists, "artist_id int, source_artist_id string, artist_name string"
        ),
    )
    tracks = spark.createDataFrame(
        TRACKS_OF_LOG,
        "track_id int, source_track_id string, source_track_key string, artist_id int,"
        " track_name string",
    ).selectExpr(
        "*",
        "CAST(NULL AS string) AS year_category",
        "CAST(NULL AS string) AS domain",
        "CAST(NULL AS array<bigint>) AS genre_ids",
        "CAST(NULL AS bigint) AS duration_ms",
        "CAST(NULL AS string) AS recording_key",
        "CAST(NULL AS boolean) AS explicit",
        "CAST(NULL AS timestamp) AS available_from",
        "CAST(NULL AS timestamp) AS available_until",
        "CAST(NULL AS bigint) AS source_play_count",
    )
    context.store.append("tracks", tracks)
    skips = [play(1, 3, 7, weight=-1)]
    context.store.append(
        "plays", received(spark.createDataFrame([*(play(*one) for one in LOG), *skips], PLAYS))
    )
    return context


def state(context) -> dict:
    return {
        name: sorted(map(repr, context.store.read(name, as_of=NIGHT).collect())) for name in DERIVED
    }


def test_the_catalogue_as_of_a_night(context, tmp_path):
    """B1.2: joined, joined with features, unmatched, features of joined artists, coverage."""
    with pytest.raises(UsageError, match="run import-catalogue"):
        build_catalogue(context, NIGHT)
    told = import_catalogue(context, folder=catalogue(tmp_path / "one"))
    assert told.startswith("imported 4 artists and 5 tracks")
    build_catalogue(context, NIGHT, out=tmp_path / "out")
    store = context.store
    matches = {r.artist_id: r for r in store.read("artist_matches", as_of=NIGHT).collect()}
    assert matches[0].catalogue_artist_id == "owls"  # its song was played; owls2 is more popular
    assert (matches[0].matched_by, matches[0].homonyms) == ("basic", 2)
    assert matches[1].matched_by == "alphanumeric"
    audio = {r.track_id: r for r in store.read("track_audio", as_of=NIGHT).collect()}
    assert {track: row.catalogue_track_id for track, row in audio.items()} == {
        0: "k1",
        1: "k1",  # the live version sounds as the song does
        2: "k3",
    }
    assert (audio[0].tempo, audio[0].duration_ms) == (100.0, 200_000)
    joined = store.read("joined", as_of=NIGHT)
    assert {(r.user_id, r.artist_id, r.plays) for r in joined.collect()} == {
        (1, 0, 3),  # once, though two artists bear the name
        (2, 0, 1),
        (2, 1, 1),
    }
    owls = store.read("artist_features_joined", as_of=NIGHT).where("artist_id = 0").first()
    assert owls.tempo == pytest.approx((5 * 100 + 2 * 90) / 7)  # k4 is not out yet
    assert (owls.popularity, owls.genres) == (None, ["folk"])  # undated: in no vector of ours
    unmatched = store.read("unmatched", as_of=NIGHT).collect()
    assert [(r.artist_id, r.plays, r.reason) for r in unmatched] == [(2, 1, "not_found")]

    out = tmp_path / "out"
    names = [*DERIVED[3:], "homonyms"]
    assert sorted(f.name for f in out.iterdir()) == sorted(
        [*(f"{n}.csv" for n in names), "coverage.json"]
    )
    rows = list(csv.DictReader(io.StringIO((out / "joined_with_features.csv").read_text())))
    assert [(row["user_id"], row["artist_id"], row["genres"]) for row in rows[:2]] == [
        ("1", "0", '["folk"]'),
        ("2", "0", '["folk"]'),
    ]
    coverage = json.loads((out / "coverage.json").read_text())
    assert coverage["overall"] == {
        "plays": 5,
        "plays_share": 0.833333,
        "names": 2,
        "names_share": 0.666667,
    }
    shares = [one["plays"] for one in coverage["per_normaliser"].values()]
    assert shares == [0, 4, 4, 5]  # exact, basic, loose, alphanumeric


def test_nothing_at_or_after_the_night_and_nothing_undated_changes_it(context, tmp_path):
    """Run after the test above: the same night again, with the future played and counts scrambled."""
    before = state(context)
    later = [play(1, 4, 1, month=6), play(2, 3, 2, month=6), play(1, 1, 3, month=6)]
    context.store.append("plays", received(context.spark.createDataFrame(later, PLAYS)))
    scrambled = catalogue(tmp_path / "two", popularity=lambda value: value and 100 - int(value))
    import_catalogue(context, folder=scrambled)
    build_catalogue(context, NIGHT)
    assert state(context) == before


def test_versions_are_counted_together_unless_the_setting_says_no(context):
    """Needs the lengths of the tests above."""
    plays = plays_of_kind(context)
    assert sorted({row.item_id for row in plays.collect()}) == [0, 1, 2, 3, 4]
    number = plays.count()
    assert unite_tracks(context) == "1 tracks count as another one (1 by version)"
    assert sorted({row.item_id for row in plays_of_kind(context).collect()}) == [0, 2, 3, 4]
    assert plays_of_kind(context).count() == number
    parted = CatalogueSettings(unite_recordings=False)
    settings = context.settings.model_copy(update={"catalogue": parted})
    other = Context(context.spark, context.store, settings, Console(file=io.StringIO()))
    assert unite_tracks(other) == "0 tracks count as another one"
    assert sorted({row.item_id for row in plays_of_kind(other).collect()}) == [0, 1, 2, 3, 4]


def test_too_many_broken_lines_stop_the_import(context, tmp_path):
    folder = catalogue(tmp_path)
    with (tmp_path / "artists.csv").open("a") as file:
        file.write("broken\n")
    version = context.store.version("catalogue_artists")
    with pytest.raises(QualityGateError, match=r"1 of 10 lines are broken"):
        import_catalogue(context, folder=folder)
    assert context.store.version("catalogue_artists") == version
