"""The ledger of a conversion.

Files of the folder = read + ignored + refused. Per file: entries read = plays + quarantined +
header or blank.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.console import Console

from ritornello.errors import ContractError
from ritornello.sources.entries import NOT_QUARANTINED
from ritornello.sources.left_out import LeftOut

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


def check_files(listed: Iterable[str], read: Iterable[str], left_out: Iterable[LeftOut]) -> None:
    """Raise unless each file of the folder is read or left out once."""
    outcomes = Counter([*read, *(one.name for one in left_out)])
    for name in sorted({*listed, *outcomes}):
        if outcomes[name] != 1:
            raise ContractError(f"{name}: a file of the folder with {outcomes[name]} outcomes")


def plays_of(tally: Tally) -> int:
    """Count entries without a reason."""
    return sum(entries for (_, why), entries in tally.items() if why is None)


def quarantined(tally: Tally) -> int:
    """Count entries with a reason other than being a header or blank."""
    return sum(n for (_, why), n in tally.items() if why and why not in NOT_QUARANTINED)


def print_ledger(
    console: Console,
    tally: Tally,
    *,
    used: Iterable[str] = (),
    left_out: Iterable[LeftOut] = (),
) -> None:
    """Print a line per file, the totals, then a line per quarantine reason.

    ``used`` are files that have no plays, but say something about them.
    """
    by_file: dict[str, Tally] = defaultdict(dict)
    for (file, why), entries in tally.items():
        by_file[file][file, why] = entries
    lines = {name: f"{name}: read for the artists of tracks" for name in used}
    lines |= {one.name: str(one) for one in left_out}
    lines |= {file: f"{file}: {_balance(of_file)}" for file, of_file in by_file.items()}
    for _, line in sorted(lines.items()):
        _print(console, f"  {line}")
    if len(by_file) != 1:
        _print(console, f"  {len(by_file)} files: {_balance(tally)}")
    if len(lines) != 1:
        _print(console, f"  {_outcomes(len(lines), list(left_out))}")
    for reason in sorted({why for _, why in tally if why and why not in NOT_QUARANTINED}):
        entries = sum(n for (_, why), n in tally.items() if why == reason)
        _print(console, f"    {reason:<20} {entries:>12,}")


def _print(console: Console, line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True, markup=False)


def _outcomes(files: int, left_out: list[LeftOut]) -> str:
    ignored = sum(one.kind == "ignored" for one in left_out)
    refused = len(left_out) - ignored
    read = files - ignored - refused
    return f"{files} in the folder = {read} read + {ignored} ignored + {refused} refused"


def _balance(tally: Tally) -> str:
    read, plays, out = sum(tally.values()), plays_of(tally), quarantined(tally)
    return (
        f"{read:,} entries = {plays:,} plays + {out:,} quarantined + "
        f"{read - plays - out:,} header or blank"
    )
