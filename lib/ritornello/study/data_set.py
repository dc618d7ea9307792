"""A data set from its outside files on: converted once, imported into a warehouse of its own."""

import hashlib
from dataclasses import replace
from pathlib import Path

from ritornello.intake.convert import convert
from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from ritornello.tables.store import Store
from ritornello.tables.writing import absolute

BUILD = Path("build")


def data_set_name(data: str, data_format: str) -> str:
    """The folder's own name with a hash of where it lies and of its format."""
    place = absolute(data)
    return f"{Path(place).name}-{short_hash(f'{data_format} {place}')}"


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def bring_in(context: Context, source: Store, *, data: str, data_format: str, folder: str) -> None:
    """Import ``data`` into ``source``; outside formats become a delivery in ``folder`` first."""
    delivery = data
    if data_format != "nested":
        delivery = f"{folder}/delivery"
        if Path(delivery, "interactions.parquet", "_SUCCESS").exists():
            told = f"converted before: remove {delivery} to convert anew"
        else:
            told = convert(context, name=data_format, folder=data, out=delivery)
        context.console.print(f"  {told}", highlight=False)
    told = import_plays(replace(context, store=source), folder=delivery)
    context.console.print(f"  {told}", highlight=False)
