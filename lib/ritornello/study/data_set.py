"""Convert a data set once and import it into a warehouse of its own."""

from dataclasses import replace
from pathlib import Path

from ritornello.hashing import short_hash
from ritornello.intake.import_plays import import_plays
from ritornello.intake.kept_delivery import delivery_of
from ritornello.job import Context
from ritornello.tables.store import Store
from ritornello.tables.writing import absolute

BUILD = Path("build")


def data_set_name(data: str, data_format: str) -> str:
    """Return the folder's own name with a hash of its path and format."""
    place = absolute(data)
    return f"{Path(place).name}-{short_hash(f'{data_format} {place}')}"


def bring_in(context: Context, source: Store, *, data: str, data_format: str, folder: str) -> None:
    """Import ``data`` into ``source``.

    Outside formats are first converted to a delivery in ``folder``.
    """
    into = replace(context, store=source)
    delivery = delivery_of(into, data, data_format=data_format, kept=f"{folder}/delivery")
    message = import_plays(into, folder=delivery)
    context.console.print(f"  {message}", highlight=False, markup=False)
