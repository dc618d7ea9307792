"""Which rankers of the registry a night may go on with, and which of them serves.

A new ranker may have to be ranked and measured for some nights beside the one that serves, before it
serves: it stands in the shadow. `runs` know which one has served, `checks` how the nights went.
"""

from datetime import UTC, datetime, timedelta

from pyspark.sql import functions as F

from ritornello.instants import compact
from ritornello.job import Context
from ritornello.ranking.matrix import FEATURES
from ritornello.settings.settings import Settings
from ritornello.tables.slices import Slice, part

# what a ranker hangs on; settings of playlists or of a comparison are no reason for another one
LEARNT_BY = ("item_kind", "imports", "catalogue", "features", "als", "candidates", "recommend")


def ranker_mark(settings: Settings) -> str:
    """Short hash of the settings that a ranker is trained by."""
    return settings.fingerprint(*LEARNT_BY, "ranker")


def ranker_version(settings: Settings, as_of: datetime) -> str:
    """The version that a night trains."""
    return f"{compact(as_of)}-{ranker_mark(settings)}"


def ranker_to_keep(context: Context, as_of: datetime) -> str | None:
    """The version of the newest ranker, if it is younger than `night.ranker_every_days`.

    It must have been trained with these settings and know these features; else it is time for a new
    one. A night's own ranker is no reason to keep it: its steps are in the graph and up to date.
    """
    store, every = context.store, timedelta(days=context.settings.night.ranker_every_days)
    if not store.exists("models"):
        return None
    known = store.read("models", model="ranker").where(F.col("as_of") <= F.lit(as_of))
    mine = known.where(F.col("version").endswith(f"-{ranker_mark(context.settings)}"))
    newest = mine.select("version", "as_of", "features").orderBy(F.desc("as_of")).first()
    if newest is None or tuple(newest["features"]) != FEATURES:
        return None
    age = as_of - newest["as_of"].astimezone(UTC)
    return newest["version"] if timedelta() < age < every else None


def ranker_of(version: str | None) -> Slice:
    """The slice of `models` with that version of the ranker, or with all of them."""
    if version is None:
        return part("models", model="ranker")
    return part("models", model="ranker", version=version)
