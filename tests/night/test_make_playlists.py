"""make-playlists on tiny tables: both item kinds, twice the same, nothing of the future."""

import io
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from ritornello.errors import UsageError
from ritornello.job import Context
from ritornello.night.make_playlists import make_playlists
from ritornello.settings.settings import Settings
from ritornello.tables.creation import create_table
from ritornello.tables.store import Store

AS_OF = datetime(2024, 5, 6, tzinfo=UTC)
EARLIER = datetime(2024, 5, 4, tzinfo=UTC)
NEXT = datetime(2024, 5, 7, tzinfo=UTC)
SEVEN = (0.5, 0.6, -8.0, 0.1, 0.2, 0.0, 0.1)
TRACKS = range(40)  # of ten artists, four each


def context_of(spark, warehouse, kind="track", **playlists) -> Context:
    usual = {"length": 5, "candidates_per_kind": 30, "listeners_per_task": 1}
    settings = Settings.model_validate(
        {"warehouse": str(warehouse), "item_kind": kind, "playlists": {**usual, **playlists}}
    )
    store = Store(spark, str(warehouse), kind)
    return Context(spark, store, settings, Console(file=io.StringIO(), width=200))


def write(context: Context, name: str, rows: list[tuple]) -> None:
    """A whole table, rows in the order of its contract, as another program would write it."""
    columns = context.store.contracts[name].columns
    schema = ", ".join(f"{c.name} {c.type.split(' or ')[0]}" for c in columns)
    frame = context.spark.createDataFrame(rows, schema).coalesce(1)
    path = context.store.path(name)
    create_table(context.spark, path, context.store.contracts[name], frame)
    frame.write.format("delta").mode("overwrite").save(path)


def tracks(counts) -> list[tuple]:
    usual = (None,) * 8
    return [(n, str(500 + n), None, n // 4, f"Track {n}", *usual, counts(n)) for n in TRACKS]


def play(user: int, track: int, at: datetime) -> tuple:
    return (user, track, at, 1, date(2024, 5, 1), None)


HISTORY = [
    *(play(1, track, datetime(2024, 5, 1 + track % 3, 8, tzinfo=UTC)) for track in range(0, 20, 2)),
    *(play(2, track, datetime(2024, 5, 2, 9, tzinfo=UTC)) for track in TRACKS),
    play(1, 8, datetime(2024, 5, 5, 20, tzinfo=UTC)),  # four hours before: rests
]
LATER = [play(1, 3, AS_OF), play(1, 38, NEXT), play(2, 7, NEXT)]


@pytest.fixture(scope="module")
def warehouse(spark, tmp_path_factory):
    """Two listeners, forty tracks of which 36 sound known, lists of tracks and of artists."""
    folder = tmp_path_factory.mktemp("warehouse")
    context = context_of(spark, folder)
    write(context, "users", [(1, "71", None), (2, "72", "ann")])
    write(context, "artists", [(n, f"a{n}", f"Artist {n}") for n in range(10)])
    write(context, "tracks", tracks(counts=lambda n: 1000 - n))
    write(context, "plays", HISTORY)
    audio = [
        # track, catalogue track, seven features, valence, tempo, key, mode, bar, explicit, duration
        (AS_OF, n, f"c{n}", *SEVEN, n / 40, 60.0 + 3 * n, n % 12, n % 2, 4, 0, 200_000)
        for n in range(36)
    ]
    write(context, "track_audio", audio)
    # 1 is a version of 0; the rest are songs of their own
    write(context, "recordings", [(1, 0, "title")])
    lists = [
        (
            day,
            user,
            str(70 + user),
            kind,
            n + 1,
            track,
            str(500 + track),
            1 - n / 50,
            "als",
            None,
            None,
        )
        for day in (EARLIER, AS_OF, NEXT)
        for user in (1, 2)
        for kind in ("mixed", "new")
        for n, track in enumerate(TRACKS)
    ]
    write(context, "recommendations", lists)
    artists = context_of(spark, folder, "artist")
    lists = [
        (AS_OF, 1, "71", "mixed", n, n, str(n), 1 - n / 20, "als", None, None) for n in range(1, 10)
    ]
    write(artists, "recommendations", lists)
    return folder


def table(context: Context, name: str, day: datetime = AS_OF) -> dict:
    rows = context.store.read(name, as_of=day).collect()
    key = [column for column in context.store.contracts[name].key if column != "as_of"]
    return {tuple(row[column] for column in key): row.asDict() for row in rows}


def test_tracks_become_lists_that_repeat_and_never_see_the_future(spark, warehouse):
    context = context_of(spark, warehouse)
    told = make_playlists(context, AS_OF)
    assert told == "50 places of playlists as of 2024-05-06T00:00:00Z are written"
    candidates, lists = table(context, "cand_tracks"), table(context, "playlists")
    best = candidates[(1, 0)]
    assert best["base"] == 1.0
    assert best["plays"] == 1
    assert best["is_repeat"]
    assert (best["taste_tempo"], best["taste_valence"]) == (  # nine tracks once, 8 twice
        pytest.approx(sum(60 + 3 * n for n in (*range(0, 20, 2), 8)) / 11),
        pytest.approx(sum(n / 40 for n in (*range(0, 20, 2), 8)) / 11),
    )
    assert best["final"] == pytest.approx(
        0.6 * best["base"] + 0.2 * best["tempo_sim"] + 0.2 * best["valence_sim"]
    )
    assert best["tempo_sim"] == pytest.approx(1 - (best["taste_tempo"] - 60) / 80)
    assert candidates[(1, 1)]["is_repeat"]  # another version of it was played
    assert not candidates[(1, 3)]["is_repeat"]  # first played at the instant itself
    assert candidates[(1, 39)]["tempo_sim"] == 0.5  # its sound is unknown
    assert len(candidates) == 40 + 30  # 2 has heard all of them: the best 30 repeats are kept
    for user in (1, 2):
        mine = [row for row in lists.values() if (row["user_id"], row["moment"]) == (user, "walk")]
        assert sorted(row["rank"] for row in mine) == [1, 2, 3, 4, 5]
        assert {row["source_user_id"] for row in mine} == {str(70 + user)}
    songs = [row["recording_id"] for (_, user, _), row in lists.items() if user == 1]
    assert 8 not in songs  # it rests
    one = lists[("default", 1, 1)]
    assert one["track_name"] == f"Track {one['track_id']}"
    assert one["artist_name"] == f"Artist {one['track_id'] // 4}"
    assert one["reason"]

    # again, with later plays, another undated count, and all listeners in one batch
    write(context, "plays", [*HISTORY, *LATER])
    write(context, "tracks", tracks(counts=lambda n: n * 7919 % 1000))
    again = context_of(spark, warehouse, listeners_per_task=500)
    make_playlists(again, AS_OF)
    assert table(context, "cand_tracks") == candidates
    assert table(context, "playlists") == lists

    # the night after: what was listed for a moment rests in it
    make_playlists(context, NEXT, moments=["chill", "rest"])
    after = table(context, "playlists", NEXT)
    assert {moment for moment, _, _ in after} == {"rest"}
    rested = {
        user: {row["recording_id"] for (m, u, _), row in lists.items() if (m, u) == ("rest", user)}
        for user in (1, 2)
    }
    assert after
    assert not any(row["recording_id"] in rested[user] for (_, user, _), row in after.items())


@pytest.mark.long
def test_artists_become_lists_of_their_best_tracks(spark, warehouse):
    context = context_of(spark, warehouse, "artist", jitter=0.0)
    make_playlists(context, AS_OF, moments=["default"])
    candidates = table(context, "cand_tracks")
    # two of each of the nine artists by plays before; 8 was heard more often than 9 to 11
    assert len(candidates) == 18
    assert {track for _, track in candidates if track // 4 == 2} == {8, 10}
    assert {track for _, track in candidates if track // 4 == 9} == {36, 37}  # played by one each
    by_artist = {row["artist_id"]: row["base"] for row in candidates.values()}
    assert (by_artist[1], by_artist[9]) == (1.0, 0.0)
    assert len(table(context, "playlists")) == 5

    published = context_of(spark, warehouse, "artist", best_tracks="published_popularity")
    write(published, "catalogue_tracks", [catalogue_track(n) for n in range(36)])
    make_playlists(published, AS_OF, moments=["default"])
    # the catalogue's popularity grows with the track's number
    assert {track for _, track in table(published, "cand_tracks") if track // 4 == 2} == {10, 11}


@pytest.mark.long
def test_what_is_barred_since_the_lists_were_made_is_in_no_playlist(spark, warehouse):
    context = context_of(spark, warehouse)
    make_playlists(context, AS_OF, moments=["default"])
    first = table(context, "playlists")["default", 1, 1]
    write(context, "bars", [("71", "track", first["source_track_id"], NEXT)])
    make_playlists(context, AS_OF, moments=["default"])
    write(context, "bars", [])
    gone = (1, first["track_id"])
    assert gone not in table(context, "cand_tracks")
    assert (2, first["track_id"]) in table(context, "cand_tracks")
    assert len([row for row in table(context, "playlists") if row[:2] == ("default", 1)]) == 5


def test_a_disliked_song_is_listed_in_no_version(spark, warehouse):
    """Of an artist's best tracks: 14 counts as 13, and is offered as the version heard most."""
    context = context_of(spark, warehouse, "artist", jitter=0.0)
    write(context, "recordings", [(14, 13, "title")])
    make_playlists(context, AS_OF, moments=["default"])
    assert {track for _, track in table(context, "cand_tracks") if track // 4 == 3} == {12, 14}
    dislike = (1, 13, datetime(2024, 5, 5, 21, tzinfo=UTC), -2, date(2024, 5, 1), None)
    write(context, "plays", [*HISTORY, *LATER, dislike])
    make_playlists(context, AS_OF, moments=["default"])
    write(context, "plays", [*HISTORY, *LATER])
    write(context, "recordings", [(1, 0, "title")])
    assert {track for _, track in table(context, "cand_tracks") if track // 4 == 3} == {12}


def catalogue_track(n: int) -> tuple:
    features = (0.5,) * 9
    return (f"c{n}", None, [], [], None, None, *features, 200_000.0, float(n), 0, 1, 4, 0)


def test_what_is_missing_is_told(spark, warehouse):
    context = context_of(spark, warehouse)
    with pytest.raises(UsageError, match="no track was recommended as of 2024-05-09T00:00:00Z"):
        make_playlists(context, datetime(2024, 5, 9, tzinfo=UTC))
    with pytest.raises(UsageError, match="no moment is called 'party'"):
        make_playlists(context, AS_OF, moments=["party"])
    # before there was a catalogue: lists all the same, and it says so once
    bare = context_of(spark, warehouse)
    make_playlists(bare, EARLIER, moments=["workout"])
    printed = bare.console.file.getvalue()
    assert printed.count("no track_audio as of this night or before") == 1
    rows = table(bare, "cand_tracks", EARLIER).values()
    assert {(row["tempo"], row["tempo_sim"]) for row in rows} == {(None, 0.5)}
    assert len(table(bare, "playlists", EARLIER)) == 10
