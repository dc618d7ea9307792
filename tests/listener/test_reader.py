"""One listener's lists from Delta tables, read without Spark."""

import json
import resource
import subprocess
import sys
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from bars import CASES, FACTS
from ritornello.errors import UsageError
from ritornello.listener.default_list import default_list
from ritornello.listener.formats import as_csv, as_json
from ritornello.listener.lists import listed
from ritornello.listener.night import Night, chosen_night, served_night
from ritornello.listener.reader import Reader
from ritornello.listener.who import UnknownListenerError, find_listener

MONDAY, TUESDAY = (datetime(2025, 1, day, tzinfo=UTC) for day in (6, 7))
PLAYED = datetime(2025, 1, 5, 12, 22, tzinfo=UTC)
TIME = pa.timestamp("us", tz="UTC")
TIMES = ("as_of", "played_at", "last_played_at", "available_from", "available_until", "since")
IDS = {
    "item_id": pa.int32(),
    "user_id": pa.int32(),
    "track_id": pa.int32(),
    "artist_id": pa.int32(),
    "rank": pa.int32(),
}
USERS = [
    # user  source  name
    (0, "7", "o'hara"),  # a quote in a name
    (1, "8", "8"),
    (2, "9", "Ana"),
    (3, "10", None),  # no name was told: known by id
    (4, "11", "7"),  # named like another's id
    (5, "12", "ANA"),
]
TRACKS = [(20, "K0", "Ärger", 30), (21, "K1", 'A "quoted", name', None), (22, None, None, 30)]
COLUMNS_OF_FACTS = ("source_track_id", "explicit", "available_from", "available_until")
LISTED = [
    # night user list rank track score source last played
    (MONDAY, 0, "mixed", 2, 21, 0.5, "als+popular", None),
    (MONDAY, 0, "mixed", 1, 20, 1.5, "own_history", PLAYED),
    (MONDAY, 0, "mixed", 3, 22, 0.1, "als", None),
    (MONDAY, 0, "new", 1, 21, 0.5, "als+popular", None),
    (MONDAY, 2, "mixed", 1, 22, 0.7, "popular", None),
    (TUESDAY, 0, "mixed", 1, 22, 0.9, "als", PLAYED),
]
COLUMNS = ("as_of", "user_id", "list", "rank", "track_id", "score", "source", "last_played_at")


def write(place, names, rows, *, partitions=None):
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    arrays = {
        name: pa.array(values, IDS.get(name, TIME if name in TIMES else None))
        for name, values in columns.items()
    }
    write_deltalake(str(place), pa.table(arrays), partition_by=partitions, mode="append")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    place = tmp_path_factory.mktemp("warehouse")
    write(place / "users", ("user_id", "source_user_id", "user_name"), USERS)
    write(
        place / "tracks",
        ("track_id", "source_track_key", "track_name", "artist_id", *COLUMNS_OF_FACTS),
        [(*row, str(1000 + row[0]), *FACTS[row[0]]) for row in TRACKS],
    )
    names = ("artist_id", "artist_name", "source_artist_id")
    write(place / "artists", names, [(30, "Änne", "a30")])
    items = [(MONDAY, 20, 1.0), (MONDAY, 21, 5.0), (MONDAY, 22, 5.0)]
    place_of_items = place / "track" / "item_stats"
    write(place_of_items, ("as_of", "item_id", "decayed_30d"), items, partitions=["as_of"])
    rows = [(*row, str(1000 + row[4])) for row in LISTED]
    write(
        place / "track" / "recommendations",
        (*COLUMNS, "source_track_id"),
        rows,
        partitions=["as_of"],
    )
    return place


@pytest.fixture(scope="module")
def tables(warehouse):
    return Reader(str(warehouse))


def test_a_listener_is_found_by_name_then_by_id_then_in_any_case(tables):
    found = {asked: find_listener(tables, asked).user_id for asked in ("o'hara", "8", " Ana ", "9")}
    assert found == {"o'hara": 0, "8": 1, " Ana ": 2, "9": 2}
    assert find_listener(tables, "7").user_id == 4  # the name before the id
    assert find_listener(tables, "10").title == "10"
    assert find_listener(tables, "O'HARA").user_id == 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("ohara", "no listener 'ohara' among 6; closest matches: o'hara"),
        # two in other case: neither
        ("ana", "no listener 'ana' among 6; closest matches: Ana, ANA"),
        ("zzzzqqq", "no listener 'zzzzqqq' among 6"),
        ("' OR 1=1 --", "no listener"),
    ],
)
def test_an_unknown_listener_is_one_line_with_close_names(tables, asked, told):
    with pytest.raises(UnknownListenerError) as raised:
        find_listener(tables, asked)
    assert str(raised.value).startswith(told)
    with pytest.raises(UsageError, match="name a listener"):
        find_listener(tables, "  ")


def test_a_list_stands_in_order_with_names_and_is_cut(tables):
    listener = find_listener(tables, "o'hara")
    mixed = listed(tables, listener, Night(MONDAY), list_="mixed", top=2)
    assert mixed.columns.tolist() == [
        "rank", "source_track_id", "track_name", "artist_name", "score", "source", "last_played_at",
    ]  # fmt: skip
    assert mixed["source_track_id"].tolist() == ["1020", "1021"]
    assert mixed["track_name"].tolist() == ["Ärger", 'A "quoted", name']
    assert mixed["artist_name"].fillna("-").tolist() == ["Änne", "-"]
    new = listed(tables, listener, Night(MONDAY), list_="new", top=9)
    assert new["source_track_id"].tolist() == ["1021"]
    assert listed(tables, find_listener(tables, "10"), Night(MONDAY), list_="new", top=9).empty


def test_json_and_csv_hold_the_same_and_escape_names(tables):
    rows = listed(tables, find_listener(tables, "7"), Night(MONDAY), list_="mixed", top=9)
    assert rows.empty  # the listener named 7 is another than the one with id 7
    rows = listed(tables, find_listener(tables, "o'hara"), Night(MONDAY), list_="mixed", top=2)
    told = json.loads(as_json(rows, source_user_id="7", list="mixed"))
    assert told["source_user_id"] == "7"
    assert told["items"][0]["last_played_at"] == "2025-01-05T12:22:00Z"
    assert told["items"][1]["last_played_at"] is None
    assert as_csv(rows).splitlines()[1:] == [
        "1,1020,Ärger,Änne,1.5,own_history,2025-01-05T12:22:00Z",
        '2,1021,"A ""quoted"", name",,0.5,als+popular,',
    ]


def test_the_night_served_is_the_published_one_else_the_newest(warehouse, tmp_path):
    assert served_night(Reader(str(warehouse))) == Night(TUESDAY)
    place = tmp_path / "w"
    place.mkdir()
    for name in ("users", "tracks", "artists", "track"):
        (place / name).symlink_to(warehouse / name)
    columns = ("item_kind", "sequence", "as_of", "recommendations_version")
    published = [("track", 1, TUESDAY, 0), ("track", 2, MONDAY, 0), ("artist", 3, TUESDAY, 0)]
    write(place / "published", columns, published)  # the second is a rollback to Monday
    tables = Reader(str(place))
    assert served_night(tables) == Night(MONDAY, 0)
    rows = listed(tables, find_listener(tables, "o'hara"), Night(MONDAY, 0), list_="new", top=9)
    assert len(rows) == 1
    assert chosen_night(tables, TUESDAY) == Night(TUESDAY)
    with pytest.raises(UsageError, match="newest: 2025-01-06T00:00:00Z, 2025-01-07"):
        chosen_night(tables, datetime(2025, 1, 8, tzinfo=UTC))


def test_files_of_other_nights_are_not_needed(warehouse, tmp_path):
    """Partitions are pruned: Monday is read though Tuesday's files are gone."""
    place = tmp_path / "w" / "track" / "recommendations"
    source = warehouse / "track" / "recommendations"
    for file in source.rglob("*.*"):
        if "2025-01-07" not in str(file.parent) and file.is_file():
            copy = place / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    found = Reader(str(tmp_path / "w")).read("recommendations", ("rank",), as_of=MONDAY, user_id=0)
    assert len(found) == 4


def test_what_is_missing_says_what_to_do(tables, tmp_path):
    with pytest.raises(UsageError, match="run `ritornello import-plays`, which writes it"):
        find_listener(Reader(str(tmp_path)), "a")
    with pytest.raises(UsageError, match="has no domain: it was written by an older version"):
        tables.read("tracks", ("track_id", "domain"))


def command(warehouse, *arguments):
    """The command in a process of its own; it fails when Spark was loaded."""
    code = (
        "import sys; from ritornello.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: assert 'pyspark' not in sys.modules"
    )
    whole = [sys.executable, "-c", code, "recommend", *arguments, "--warehouse", str(warehouse)]
    return subprocess.run(
        [*whole, "--conf", "/dev/null"], capture_output=True, text=True, check=False
    )


def test_the_command_answers_without_spark(warehouse):
    done = command(warehouse, "o'hara", "--format", "csv", "--top", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("1,1022,,Änne,0.9,als,")
    done = command(warehouse, "ohara", "--list", "repeats")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the list repeats of ohara is empty as of 2025-01-07T00:00:00Z\n"
    done = command(warehouse)
    assert done.returncode == 2
    assert "--as-of to rank the lists of every listener" in done.stderr


def test_a_list_costs_a_second_of_cpu(warehouse):
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert command(warehouse, "o'hara", "--top", "1").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < 1.5  # a second, and a margin for a busy machine


def test_whoever_has_played_nothing_gets_the_list_for_everybody(warehouse):
    night = ("--as-of", "2025-01-06", "--top", "2")
    done = command(warehouse, "ohara", *night, "--format", "json")
    assert done.stderr.startswith(
        "no listener 'ohara' among 6; closest matches: o'hara, Ana, ANA: this"
    )
    told = json.loads(done.stdout)
    assert (told["is_default"], told["source_user_id"], told["user_name"]) == (True, "ohara", None)
    assert [(one["rank"], one["source_track_id"]) for one in told["items"]] == [
        (1, "1021"),
        (2, "1022"),
    ]
    assert {one["source"] for one in told["items"]} == {"default"}
    known = command(warehouse, "Ana", *night, "--list", "new", "--format", "json")
    assert known.returncode == 2  # Ana has a list, and nothing new is in it
    done = command(warehouse, "10", *night)
    assert done.stderr.startswith("10 has played nothing before 2025-01-06T00:00:00Z: this is")
    assert "mixed for everybody" in done.stdout
    mine = json.loads(command(warehouse, "o'hara", *night, "--format", "json").stdout)
    assert mine["is_default"] is False


def test_the_list_for_everybody_has_nothing_that_the_listener_disliked_last(warehouse, tmp_path):
    """Track 23 is a version of 21; a dislike is taken back by a later play, not by one at once."""
    for name in ("users", "artists", "tracks", "track"):
        (tmp_path / name).symlink_to(warehouse / name)
    plays = [
        (3, 23, PLAYED, -2, MONDAY),
        (3, 22, PLAYED, -2, MONDAY),
        (3, 22, TUESDAY, 1, MONDAY),
        (3, 20, PLAYED, -2, MONDAY),
        (3, 20, PLAYED, 1, MONDAY),
        (1, 22, PLAYED, -2, MONDAY),
    ]
    write(tmp_path / "plays", ("user_id", "track_id", "played_at", "weight", "as_of"), plays)
    write(tmp_path / "recordings", ("track_id", "recording_id"), [(23, 21)])
    tables = Reader(str(tmp_path))
    for key, left in (("10", ["1022"]), ("8", ["1021", "1020"]), ("12", ["1021", "1022", "1020"])):
        listener = find_listener(tables, key)
        rows = default_list(tables, Night(MONDAY), listener=listener, top=9, at=TUESDAY)
        assert rows["source_track_id"].tolist() == left


@pytest.mark.parametrize(("bars", "facts", "left"), CASES)
def test_what_may_not_be_served_is_left_out_and_places_move_up(
    warehouse, tmp_path, bars, facts, left
):
    for name in ("users", "artists", "track"):
        (tmp_path / name).symlink_to(warehouse / name)
    rows = [(*row, str(1000 + row[0]), *(FACTS | facts)[row[0]]) for row in TRACKS]
    names = ("track_id", "source_track_key", "track_name", "artist_id", *COLUMNS_OF_FACTS)
    write(tmp_path / "tracks", names, rows)
    if bars:
        columns = ("source_user_id", "what", "source_id", "since")
        write(tmp_path / "bars", columns, [(*one, MONDAY) for one in bars])
    tables = Reader(str(tmp_path))
    rows = listed(tables, find_listener(tables, "o'hara"), Night(MONDAY), list_="mixed", top=9)
    assert rows["source_track_id"].tolist() == [str(1000 + one) for one in left]
    assert rows["rank"].tolist() == list(range(1, len(left) + 1))
