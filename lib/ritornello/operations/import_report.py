"""What a person is told of an import."""

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table

from ritornello.plays.ledger import COUNTS
from ritornello.plays.triage import PLAY_REASONS, ROW_REASONS


def print_ledger(console: Console, ledgers: DataFrame) -> None:
    """Both ledgers over all files, and every reason that was met."""
    rows, plays = (F.col(f"{kind}_rejected_by_reason") for kind in ("rows", "plays"))
    told = ledgers.agg(
        *(F.sum(name).alias(name) for name in COUNTS),
        *(F.sum(rows[why]).alias(f"row {why}") for why in ROW_REASONS),
        *(F.sum(plays[why]).alias(f"play {why}") for why in PLAY_REASONS),
    ).first()
    assert told is not None
    counts = {name: count or 0 for name, count in told.asDict().items()}
    table = Table("", "all", "kept", "rejected", "empty", "duplicate", box=None)
    table.add_row("rows", *_cells(counts, "rows", "rows_kept", "rows_rejected", "rows_empty"), "")
    plays_kept = _cells(counts, "plays", "plays_kept", "plays_rejected")
    table.add_row("plays", *plays_kept, "", *_cells(counts, "plays_duplicate"))
    for name, count in counts.items():
        if " " in name and count:
            table.add_row(f"  {name}", "", "", f"{count:,}", "", "")
    console.print(table)
    for name in ("size_mismatches", "split_listeners"):
        if counts[name]:
            console.print(f"  {name.replace('_', ' ')}: {counts[name]:,}", highlight=False)


def tell(ledgers: DataFrame, kept: DataFrame, tracks: Row, *, has_artists: bool) -> str:
    """The closing sentence."""
    counts = ledgers.agg(*(F.sum(name).alias(name) for name in COUNTS)).first()
    users = kept.select("source_user_id").distinct().count()
    assert counts is not None
    parts = [
        f"imported {counts['plays_kept']:,} plays of {users:,} listeners",
        f"rejected {counts['plays_rejected']:,}, duplicate {counts['plays_duplicate']:,}",
    ]
    if tracks["unusable_tracks"]:
        parts.append(f"{tracks['unusable_tracks']:,} listed tracks have no usable track_index")
    if not has_artists:
        parts.append(
            "tracks.parquet has neither artist_name nor artist_id: what needs an artist stays out"
        )
    return "; ".join(parts)


def _cells(counts: dict[str, int], *names: str) -> list[str]:
    return [f"{counts[name]:,}" for name in names]
