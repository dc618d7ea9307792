"""describe: statistics of a warehouse's plays as figures, a table and pictures."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before
from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.statistics.figures import pictures, statistics
from ritornello.statistics.plots import drawn
from ritornello.statistics.table import latex_table, plain_table

FORMATS = ("png", "svg")


def describe(
    context: Context, *, as_of: datetime | None = None, out: Path | None = None, name: str = ""
) -> str:
    """Print the statistics, write them to ``out`` and return the closing sentence.

    Only plays before ``as_of`` are seen, if it is set. ``name`` heads the column of the table.
    """
    title = name or context.store.warehouse.rpartition("/")[2]
    with context.step("describe", as_of):
        plays = described_plays(context, as_of)
        figures = statistics(plays)
        if not figures["actions"]:
            raise UsageError("there are no plays to describe: import some first")
        description = {"name": title, "as_of": iso(as_of) if as_of else None, "statistics": figures}
        if out:
            write_description(out, {**description, "pictures": pictures(plays)})
    context.console.print(plain_table({title: figures}))
    context.results |= description
    place = f"; all of it is in {out}" if out else ""
    return f"described {figures['actions']:,} plays of {figures['listeners']:,} listeners{place}"


def described_plays(context: Context, as_of: datetime | None) -> DataFrame:
    """One row per play, skip or dislike of an item.

    For artists, only tracks with a known artist count.
    """
    store, kind = context.store, context.settings.item_kind
    plays = store.read("plays")
    if as_of:
        plays = before(plays, as_of)
    if kind == "artist":
        artists = store.read("tracks").where(F.col("artist_id").isNotNull())
        plays = plays.join(artists.select("track_id", "artist_id"), on="track_id", how="inner")
    return plays.select("user_id", F.col(f"{kind}_id").alias("item_id"), "played_at", "weight")


def write_description(out: Path, description: dict[str, Any]) -> None:
    """Write statistics.json, statistics.tex and every picture.

    The same figures give the same bytes.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "statistics.json").write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    table = latex_table({description["name"]: description["statistics"]})
    (out / "statistics.tex").write_text(table, encoding="utf-8")
    with mpl.rc_context({"svg.hashsalt": "ritornello"}):
        for picture, figure in drawn(description["pictures"]).items():
            for suffix in FORMATS:
                undated = {"Date": None} if suffix == "svg" else None
                figure.savefig(out / f"{picture}.{suffix}", metadata=undated)
