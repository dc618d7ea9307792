"""Ledgers of rows and plays per file, and their balance check.

Rows of the footer = kept + rejected + empty. Plays = kept + rejected + duplicate. Each side is
counted independently: elements while the lists are exploded, reasons after the triage, kept plays
once the duplicates are gone.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.errors import ContractError
from ritornello.plays.explode import is_play
from ritornello.plays.fingerprint import element_hash_sums
from ritornello.plays.triage import ROW_REASONS, with_row_reason

COUNTS = (
    "rows",
    "rows_kept",
    "rows_rejected",
    "rows_empty",
    "plays",
    "plays_kept",
    "plays_rejected",
    "plays_duplicate",
    "size_mismatches",
    "split_listeners",
)


def summarise_files(elements: DataFrame, *, until: datetime) -> DataFrame:
    """One row per file: counts of rows and plays, and fingerprint sums.

    Rows are counted by outcome. ``newest`` is the time of the file's newest play up to ``until``.
    """
    timely = is_play() & (F.col("played_at") <= instant(until))
    opens, good = F.col("opens_row"), F.col("row_reason").isNull()
    empty = F.col("list_length") == 0
    return (
        with_row_reason(elements)
        .groupBy("file_number")
        .agg(
            _count(opens, "scanned_rows"),
            _count(opens & good & ~empty, "rows_kept"),
            _count(opens & good & empty, "rows_empty"),
            *(_count(opens & (F.col("row_reason") == why), f"rows_{why}") for why in ROW_REASONS),
            _count(opens & ~F.col("stated_size").eqNullSafe(F.col("list_length"))
                   & F.col("list_length").isNotNull(), "size_mismatches"),
            _count(is_play(), "plays"),
            F.max(F.when(timely, F.col("played_at"))).alias("newest"),
            *element_hash_sums(),
        )
    )  # fmt: skip


def split_listeners(elements: DataFrame) -> DataFrame:
    """One row per file: how many of its listeners have several rows.

    The rows may be in any files of the delivery. Files without such listeners have no row.
    """
    rows = elements.where(F.col("opens_row") & (F.col("character_index") >= 0))
    return (
        rows.groupBy("character_index")
        .agg(F.count("*").alias("_rows"), F.collect_set("file_number").alias("_files"))
        .where(F.col("_rows") > 1)
        .select(F.explode("_files").alias("file_number"))
        .groupBy("file_number").agg(F.count("*").alias("split_listeners"))
    )  # fmt: skip


def tally_reasons(judged: DataFrame) -> DataFrame:
    """One row per (file, reason, month) with its ``plays``.

    A null reason means accepted; only accepted plays have a month.
    """
    month = F.when(F.col("reason").isNull(), F.trunc(F.to_date("played_at"), "month"))
    return judged.groupBy("file_number", "reason", month.alias("month")).agg(
        F.count("*").alias("plays")
    )


def ledger(
    files: DataFrame, *, summary: DataFrame, tallies: DataFrame, kept: DataFrame, split: DataFrame
) -> DataFrame:
    """One row per file with both its ledgers.

    ``kept`` has one row per kept play, with ``file_number``.
    """
    kept_per_file = kept.groupBy("file_number").agg(F.count("*").alias("plays_kept"))
    judged = tallies.groupBy("file_number").agg(
        F.sum(F.when(F.col("reason").isNotNull(), F.col("plays"))).alias("plays_rejected"),
        F.sum(F.when(F.col("reason").isNull(), F.col("plays"))).alias("_accepted"),
    )
    joined = files
    for part in (summary, judged, kept_per_file, split, _reason_map(tallies)):
        joined = joined.join(part, on="file_number", how="left")
    return joined.na.fill(0).select(
        "file_number",
        "file",
        F.col("footer_rows").alias("rows"),
        "rows_kept",
        sum((F.col(f"rows_{why}") for why in ROW_REASONS), F.lit(0)).alias("rows_rejected"),
        "rows_empty",
        "plays",
        "plays_kept",
        "plays_rejected",
        (F.col("_accepted") - F.col("plays_kept")).alias("plays_duplicate"),
        "size_mismatches",
        "split_listeners",
        _row_reason_map().alias("rows_rejected_by_reason"),
        F.coalesce("_reasons", _nothing()).alias("plays_rejected_by_reason"),
    )


def with_replayed(deliveries: DataFrame, *, taken: DataFrame, kept: DataFrame) -> DataFrame:
    """Move replayed plays from rejected to kept or duplicate in the ledgers.

    ``taken`` has one row per replayed play and ``kept`` one per play that was new, both with
    ``delivery_id`` and ``file``.
    """
    file = ["delivery_id", "file"]
    moved = taken.groupBy(*file).agg(F.count("*").alias("_taken"))
    new = kept.groupBy(*file).agg(F.count("*").alias("_new"))
    joined = deliveries.join(moved, on=file, how="left").join(new, on=file, how="left")
    taken_, new_ = (F.coalesce(name, F.lit(0)) for name in ("_taken", "_new"))
    reasons = F.transform_values(
        "plays_rejected_by_reason",
        lambda why, plays: F.when(why == "track_unknown", plays - taken_).otherwise(plays),
    )
    return joined.withColumns(
        {
            "plays_kept": F.col("plays_kept") + new_,
            "plays_duplicate": F.col("plays_duplicate") + taken_ - new_,
            "plays_rejected": F.col("plays_rejected") - taken_,
            "plays_rejected_by_reason": F.map_filter(reasons, lambda _, plays: plays > 0),
        }
    ).select(*deliveries.columns)


def check_balance(ledgers: DataFrame) -> None:
    """Raise if a file's ledger does not balance.

    If it does not, rows were lost or doubled on the way.
    """
    rows = F.col("rows_kept") + F.col("rows_rejected") + F.col("rows_empty")
    plays = F.col("plays_kept") + F.col("plays_rejected") + F.col("plays_duplicate")
    wrong = ledgers.where(
        (F.col("rows") != rows) | (F.col("plays") != plays) | (F.col("plays_duplicate") < 0)
    ).select("file", "rows", rows.alias("counted_rows"), "plays", plays.alias("counted_plays"))
    row = wrong.orderBy("file").first()
    if row is not None:
        raise ContractError(
            f"{row['file']}: {row['rows']} rows, {row['counted_rows']} accounted for; "
            f"{row['plays']} plays, {row['counted_plays']} accounted for"
        )


def _count(condition: Column, name: str) -> Column:
    return F.count(F.when(condition, F.lit(1))).alias(name)


def _reason_map(tallies: DataFrame) -> DataFrame:
    """One row per file with its plays by reason, in alphabetical order."""
    per_reason = (
        tallies.where(F.col("reason").isNotNull())
        .groupBy("file_number", "reason")
        .agg(F.sum("plays").alias("plays"))
    )
    entries = F.sort_array(F.collect_list(F.struct("reason", "plays")))
    return per_reason.groupBy("file_number").agg(F.map_from_entries(entries).alias("_reasons"))


def _row_reason_map() -> Column:
    every = F.create_map(
        *(part for why in ROW_REASONS for part in (F.lit(why), F.col(f"rows_{why}")))
    )
    return F.map_filter(every, lambda _, rows: rows > 0)


def _nothing() -> Column:
    return F.create_map().cast("map<string,bigint>")
