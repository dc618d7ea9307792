"""The report of an import, for people."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table

from ritornello.plays.ledger import COUNTS
from ritornello.plays.triage import PLAY_REASONS, ROW_REASONS


def total(ledgers: DataFrame) -> dict[str, int]:
    """Sum the ledgers over all files.

    Counts are under their own names, reasons under 'row <reason>' and 'play <reason>'.
    """
    rows, plays = (F.col(f"{kind}_rejected_by_reason") for kind in ("rows", "plays"))
    sums = ledgers.agg(
        *(F.sum(name).alias(name) for name in COUNTS),
        *(F.sum(rows[why]).alias(f"row {why}") for why in ROW_REASONS),
        *(F.sum(plays[why]).alias(f"play {why}") for why in PLAY_REASONS),
    ).first()
    assert sums is not None
    return {name: count or 0 for name, count in sums.asDict().items()}


def print_ledger(console: Console, totals: dict[str, int]) -> None:
    """Print both ledgers over all files, with every reason that occurred."""
    table = Table("", "all", "kept", "rejected", "empty", "duplicate", box=None)
    table.add_row("rows", *_cells(totals, "rows", "rows_kept", "rows_rejected", "rows_empty"), "")
    plays = _cells(totals, "plays", "plays_kept", "plays_rejected")
    table.add_row("plays", *plays, "", *_cells(totals, "plays_duplicate"))
    for name, count in totals.items():
        if " " in name and count:
            table.add_row(f"  {name}", "", "", f"{count:,}", "", "")
    console.print(table)
    for name in ("size_mismatches", "split_listeners"):
        if totals[name]:
            console.print(f"  {name.replace('_', ' ')}: {totals[name]:,}", highlight=False)


def tell(
    totals: dict[str, int],
    *,
    listeners: int,
    unusable_tracks: int,
    repeated_tracks: int,
    retracted: int,
    later: int,
    has_artists: bool,
    refused: Sequence[str],
) -> str:
    """Compose the closing sentence."""
    parts = [
        f"imported {totals['plays_kept']:,} plays of {listeners:,} listeners",
        f"rejected {totals['plays_rejected']:,}, duplicate {totals['plays_duplicate']:,}",
    ]
    if retracted:
        parts.append(f"took back {retracted:,} plays that this full delivery no longer holds")
    if refused:
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        parts.append(
            f"took nothing back, because this delivery is incomplete: {refused[0]}{more} could not be "
            "read when it was made"
        )
    if later:
        parts.append(
            f"kept {later:,} stored plays of its listeners that are later than its newest play: to "
            "remove them as well, import it again with a later --received-until"
        )
    if unusable_tracks:
        parts.append(f"left out {unusable_tracks:,} listed tracks without a usable track_index")
    if repeated_tracks:
        parts.append(f"left out {repeated_tracks:,} repeated listings of a track")
    if not has_artists:
        parts.append(
            "tracks.parquet has neither artist_name nor artist_id: what needs an artist stays out"
        )
    return "; ".join(parts)


def _cells(totals: dict[str, int], *names: str) -> list[str]:
    return [f"{totals[name]:,}" for name in names]
