"""Write the tables of build_catalogue as CSV files to one folder."""

from datetime import datetime
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.job import Context
from ritornello.sources.one_csv import write_one_csv

TABLES = {
    "artist_genre_aggregates": ("catalogue_artist_id", "genre"),
    "artist_features_weighted": ("catalogue_artist_id",),
    "joined": ("user_id", "artist_id"),
    "joined_with_features": ("user_id", "artist_id"),
    "unmatched": ("artist_id",),
    "artist_features_joined": ("artist_id",),
    "homonyms": ("artist_id", "catalogue_artist_id"),
}


def write_files(context: Context, as_of: datetime, out: Path, *, coverage: str) -> None:
    """Write a CSV file per table, sorted by its key, and coverage.json.

    Lists are written as JSON.
    """
    out.mkdir(parents=True, exist_ok=True)
    staging = f"{context.store.warehouse}/_csv/{context.run_id}"
    for table, key in TABLES.items():
        rows = context.store.read(table, as_of=as_of).drop("as_of").sort(*key)
        write_one_csv(_as_text(rows), str(out / f"{table}.csv"), staging=f"{staging}/{table}")
    (out / "coverage.json").write_text(coverage, encoding="utf-8")


def _as_text(rows: DataFrame) -> DataFrame:
    lists = [name for name, type_ in rows.dtypes if type_.startswith("array")]
    return rows.withColumns({name: F.to_json(name) for name in lists})
