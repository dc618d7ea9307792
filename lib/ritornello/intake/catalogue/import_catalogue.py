"""Import an external catalogue into tables.

Broken lines are kept with the reason.
"""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.console import Console

from ritornello.errors import BadInputError, QualityGateError
from ritornello.intake.entry_ledger import (
    Tally,
    check_entries,
    plays_of,
    quarantined,
    tally_entries,
)
from ritornello.job import Context
from ritornello.scratch import scratch
from ritornello.sources.audio_catalogue import JUDGED, CatalogueReading, read_catalogue
from ritornello.sources.damage import failing_reads_are_bad_input
from ritornello.sources.delivery import quarantine_of


def import_catalogue(context: Context, *, folder: str) -> str:
    """Replace the imported catalogue with the one in a folder.

    Everything is read, counted and judged before the first table is written. Returns the closing
    sentence.
    """
    settings, store = context.settings.catalogue, context.store
    with context.step("import_catalogue"), scratch() as scratchpad:
        with failing_reads_are_bad_input():
            reading = read_catalogue(context.spark, folder.rstrip("/"), aliases=settings.aliases)
            frames = {name: scratchpad.keep(frame) for name, frame in _frames(reading).items()}
            judged = [frame.select(*JUDGED) for frame in frames.values()]
            every = reduce(DataFrame.unionByName, judged)
            tally = tally_entries(every)
        check_entries(reading.counted, tally)
        _print(context.console, tally)
        _gate(tally, max_share=settings.max_rejected_share)
        store.replace("catalogue_rejects", quarantine_of(every))
        good = F.col("reason").isNull()
        for name, frame in frames.items():
            store.replace(f"catalogue_{name}", frame.where(good).drop(*JUDGED))
        rows = {done.table: done.rows for done in store.written}
    return (
        f"imported {rows['catalogue_artists']:,} artists and {rows['catalogue_tracks']:,} tracks of "
        f"{folder}; {quarantined(tally):,} lines are in catalogue_rejects"
    )


def _frames(reading: CatalogueReading) -> dict[str, DataFrame]:
    frames = {"artists": reading.artists, "tracks": reading.tracks}
    return frames if reading.aliases is None else {**frames, "aliases": reading.aliases}


def _gate(tally: Tally, *, max_share: float) -> None:
    taken, out = plays_of(tally), quarantined(tally)
    if not taken:
        raise BadInputError("the catalogue has no usable line: check the files of the folder")
    if out > max_share * (taken + out):
        raise QualityGateError(
            f"{out:,} of {taken + out:,} lines are broken, more than "
            f"catalogue.max_rejected_share {max_share:.2%} allows: see the reasons above, and correct "
            "the files or raise the setting"
        )


def _print(console: Console, tally: Tally) -> None:
    """Print a line per file and a line per reason."""
    for file in sorted({file for file, _ in tally}):
        of_file = {key: lines for key, lines in tally.items() if key[0] == file}
        read, taken, out = sum(of_file.values()), plays_of(of_file), quarantined(of_file)
        console.print(
            f"  {file}: {read:,} lines = {taken:,} taken + {out:,} rejected + "
            f"{read - taken - out:,} header or blank",
            highlight=False,
            soft_wrap=True,
        )
    for reason in sorted({why for _, why in tally if why and why not in ("header", "blank")}):
        lines = sum(n for (_, why), n in tally.items() if why == reason)
        console.print(f"    {reason:<20} {lines:>12,}", highlight=False, soft_wrap=True)
