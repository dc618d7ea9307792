"""Find a night's ranker in the registry of models.

A new ranker may have to spend some nights in the shadow before it serves: its lists are made and
measured beside the served ones. `runs` records which ranker has served, `checks` how the nights went.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pyspark.sql import functions as F

from ritornello.instants import compact
from ritornello.job import Context
from ritornello.ranking.columns import FEATURES
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


def ranker_to_keep(context: Context, as_of: datetime, nights: Sequence[datetime]) -> str | None:
    """Return the newest ranker that one of ``nights`` trained, if it is young enough.

    It is younger than `night.ranker_every_days`, was trained with these settings and knows these
    features. Without one (None) it is time to train another.
    """
    store, every = context.store, timedelta(days=context.settings.night.ranker_every_days)
    near = [night for night in nights if timedelta() < as_of - night < every]
    if not near or not store.exists("models"):
        return None
    known = store.read("models", model="ranker").where(F.col("as_of").isin(near))
    mine = known.where(F.col("version").endswith(f"-{ranker_mark(context.settings)}"))
    newest = mine.select("version", "features").orderBy(F.desc("as_of")).first()
    if newest is None or tuple(newest["features"]) != FEATURES:
        return None
    return str(newest["version"])


def ranker_of(version: str | None) -> Slice:
    """Return the slice of `models` with one ranker version, or all."""
    if version is None:
        return part("models", model="ranker")
    return part("models", model="ranker", version=version)
