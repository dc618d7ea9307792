"""Convert a data set once and import it into a warehouse of its own."""

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
    """Return the folder's own name with a hash of its path and format."""
    place = absolute(data)
    return f"{Path(place).name}-{short_hash(f'{data_format} {place}')}"


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def bring_in(context: Context, source: Store, *, data: str, data_format: str, folder: str) -> None:
    """Import ``data`` into ``source``.

    Outside formats are first converted to a delivery in ``folder``.
    """
    delivery = data
    if data_format != "nested":
        delivery = f"{folder}/delivery"
        if Path(delivery, "interactions.parquet", "_SUCCESS").exists():
            message = f"using the delivery that was converted before: {delivery}"
        else:
            message = convert(context, name=data_format, folder=data, out=delivery)
        context.console.print(f"  {message}", highlight=False, markup=False)
    message = import_plays(replace(context, store=source), folder=delivery)
    context.console.print(f"  {message}", highlight=False, markup=False)
