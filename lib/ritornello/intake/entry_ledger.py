"""The ledger of a conversion.

Per file: entries read = plays + quarantined + header or blank.
"""

from collections import Counter
from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.console import Console

from ritornello.errors import ContractError
from ritornello.sources.entries import NOT_QUARANTINED

SHOWN_FILES = 20
Tally = dict[tuple[str, str | None], int]  # entries by file and reason; no reason: a play


def tally_entries(events: DataFrame) -> Tally:
    """Count entries by file and reason.

    The result is small enough for the driver.
    """
    rows = events.groupBy("file", "reason").agg(F.count("*").alias("entries")).collect()
    return {(row["file"], row["reason"]): int(row["entries"]) for row in rows}


def check_entries(counted: Mapping[str, int], tally: Tally) -> None:
    """Raise if a file's entries do not add up.

    ``counted`` are the entries counted independently. They must equal plays, quarantined entries and
    headers or blanks together.
    """
    totals: Counter[str] = Counter()
    for (file, _), entries in tally.items():
        totals[file] += entries
    for file in sorted({*counted, *totals}):
        if totals[file] != counted.get(file, 0):
            raise ContractError(
                f"{file}: {counted.get(file, 0)} entries, {totals[file]} accounted for"
            )


def plays_of(tally: Tally) -> int:
    """Count entries without a reason."""
    return sum(entries for (_, why), entries in tally.items() if why is None)


def quarantined(tally: Tally) -> int:
    """Count entries with a reason other than being a header or blank."""
    return sum(n for (_, why), n in tally.items() if why and why not in NOT_QUARANTINED)


def print_ledger(console: Console, tally: Tally) -> None:
    """Print a line per file, then a line per quarantine reason.

    Above ``SHOWN_FILES`` files only their total is printed.
    """
    files = sorted({file for file, _ in tally})
    for file in files if len(files) <= SHOWN_FILES else []:
        of_file = {key: entries for key, entries in tally.items() if key[0] == file}
        console.print(f"  {file}: {_balance(of_file)}", highlight=False, soft_wrap=True)
    if len(files) != 1:
        console.print(f"  {len(files)} files: {_balance(tally)}", highlight=False, soft_wrap=True)
    for reason in sorted({why for _, why in tally if why and why not in NOT_QUARANTINED}):
        entries = sum(n for (_, why), n in tally.items() if why == reason)
        console.print(f"    {reason:<20} {entries:>12,}", highlight=False, soft_wrap=True)


def _balance(tally: Tally) -> str:
    read, plays, out = sum(tally.values()), plays_of(tally), quarantined(tally)
    return (
        f"{read:,} entries = {plays:,} plays + {out:,} quarantined + "
        f"{read - plays - out:,} header or blank"
    )
