"""Small deliveries for tests, written by pyarrow as an outside service would."""

import io
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from ritornello.job import Context
from ritornello.settings.intake import ImportSettings
from ritornello.settings.settings import Settings
from ritornello.tables.store import Store

PLAY = pa.struct([("track_index", pa.int32()), ("timestamp", pa.string()), ("1", pa.int32())])
INTERACTIONS = pa.schema(
    [("character_index", pa.int32()), ("actions", pa.list_(PLAY)), ("size_of_actions", pa.int32())]
)
TRACKS = pa.schema(
    [
        ("track_id", pa.string()),
        ("track_index", pa.int32()),
        ("track_count", pa.int32()),
        ("year_category", pa.string()),
        ("domain", pa.string()),
        ("genre_id_list", pa.list_(pa.int32())),
        ("track_name", pa.string()),
        ("artist_name", pa.string()),
    ]
)
LISTENERS = pa.schema([("character_index", pa.int32()), ("source_user_key", pa.string())])
TABLES = ("artists", "tracks", "users", "rejected_plays", "plays", "deliveries")


def play(track, at, weight=1):
    """One element of a list; ``at`` is a day and time without the zone."""
    return {"track_index": track, "timestamp": f"{at} UTC", "1": weight}


def listener(index, *plays, size=None):
    """One row of interactions."""
    return {
        "character_index": index,
        "actions": list(plays),
        "size_of_actions": len(plays) if size is None else size,
    }


def track(index, *, artist="A", key=None):
    """One row of tracks, known by its number unless it has a key."""
    return {
        "track_id": key,
        "track_index": index,
        "track_count": 7,
        "track_name": f"song {index}",
        "artist_name": artist,
    }


def write_rows(path: Path, rows, schema, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, **options)
    return path


def write_delivery(folder: Path, rows, tracks, *, tracks_schema=TRACKS) -> str:
    """A folder with one file of each; returns it as text."""
    write_rows(folder / "interactions.parquet", rows, INTERACTIONS)
    write_rows(folder / "tracks.parquet", tracks, tracks_schema)
    return str(folder)


def context_of(spark, warehouse, **imports) -> Context:
    settings = Settings(warehouse=str(warehouse), imports=ImportSettings(**imports))
    return Context(spark, Store(spark, str(warehouse)), settings, Console(file=io.StringIO()))


def copy_of(first: Context, warehouse: Path) -> Context:
    """A warehouse of its own with the tables of another, which an import would take long to make."""
    shutil.copytree(first.store.warehouse, warehouse)
    settings = first.settings.model_copy(update={"warehouse": str(warehouse)})
    return Context(first.spark, Store(first.spark, str(warehouse)), settings, first.console)


def killed(monkeypatch, context, method, table):
    """The next write of a table by this method of the store is the end of the run."""
    real = getattr(context.store, method)

    def crash(name, *args, **more):
        if name == table:
            raise OSError("power cut")
        return real(name, *args, **more)

    monkeypatch.setattr(context.store, method, crash)


def versions(context: Context) -> dict[str, int]:
    """The newest commit of each table of the import."""
    return {name: context.store.version(name) for name in TABLES}


def plays_by_source(store: Store) -> set[tuple[int | str, int | str, str, int]]:
    """Plays under the source's keys, numbers as such."""
    rows = (
        store.read("plays")
        .join(store.read("users"), on="user_id")
        .join(store.read("tracks"), on="track_id")
        .selectExpr("source_user_id", "source_track_id", "string(played_at)", "weight")
    )
    return {(*map(as_number, row[:2]), *row[2:]) for row in rows.collect()}


def as_number(key: str) -> int | str:
    """A key that is a number, as such."""
    return int(key) if key.isdigit() else key
