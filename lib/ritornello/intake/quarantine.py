"""List and purge rejected plays.

Replaying them is in replay_rejected.py.
"""

from pyspark.sql import functions as F
from rich.table import Table

from ritornello.errors import UsageError
from ritornello.job import Context


def list_rejected(context: Context) -> str:
    """Print a table of rejected plays by delivery and reason."""
    store = context.store
    if not store.exists("rejected_plays"):
        return "no play was ever rejected"
    counts = store.read("rejected_plays").groupBy("delivery_id", "reason").count()
    table = Table("delivery", "reason", "plays", box=None)
    total = 0
    rows = counts.orderBy("delivery_id", "reason").collect()
    context.results["rejected"] = [row.asDict() for row in rows]
    for row in rows:
        table.add_row(row["delivery_id"], row["reason"], f"{row['count']:,}")
        total += row["count"]
    context.console.print(table)
    return f"{total:,} rejected plays"


def purge_rejected(
    context: Context, *, delivery: str | None, reason: str | None, everything: bool
) -> str:
    """Remove rejected plays of a delivery, of a reason, or all.

    The ledgers keep their counts.
    """
    store = context.store
    if not (delivery or reason or everything):
        raise UsageError("choose what to purge: --delivery, --reason or --all")
    if not store.exists("rejected_plays"):
        return "nothing to purge: no play was ever rejected"
    with context.step("purge_rejected"):
        rejected = store.read("rejected_plays")
        goes = F.lit(True)
        for column, value in (("delivery_id", delivery), ("reason", reason)):
            if value:
                goes = goes & (F.col(column) == value)
        count = rejected.where(goes).count()
        if count:
            store.replace("rejected_plays", rejected.where(~goes))
    return (
        f"{count:,} rejected plays are gone from the newest version; maintain removes their files"
    )
