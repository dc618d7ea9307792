"""Find a night's ranker in the registry of models.

A new ranker may have to spend some nights in the shadow before it serves: its lists are made and
measured beside the served ones. `runs` records which ranker has served, `checks` how the nights went.
"""

from datetime import UTC, datetime, timedelta

from pyspark.sql import functions as F

from ritornello.instants import compact
from ritornello.job import Context
from ritornello.ranking.matrix import FEATURES
from ritornello.settings.settings import Settings
from ritornello.tables.slices import Slice, part

# what a ranker depends on: settings of playlists or of a comparison do not call for a new one
LEARNT_BY = ("item_kind", "imports", "catalogue", "features", "als", "candidates", "recommend")


def ranker_mark(settings: Settings) -> str:
    """Hash the settings that a ranker depends on, in short form."""
    return settings.fingerprint(*LEARNT_BY, "ranker")


def ranker_version(settings: Settings, as_of: datetime) -> str:
    """Name the version of the ranker that a night trains."""
    return f"{compact(as_of)}-{ranker_mark(settings)}"


def ranker_to_keep(context: Context, as_of: datetime) -> str | None:
    """Return the newest ranker's version if it is recent enough to keep.

    It must be younger than `night.ranker_every_days`, and trained with these settings and features;
    otherwise a new one is due. A ranker that the night itself trained does not count: its steps are in
    the graph and up to date.
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
    """Return the slice of `models` with one ranker version, or all."""
    if version is None:
        return part("models", model="ranker")
    return part("models", model="ranker", version=version)
