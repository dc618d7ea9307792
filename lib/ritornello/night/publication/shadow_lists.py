"""Rank and measure lists of a ranker in the shadow."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.job import Context
from ritornello.night.lists.recommend import ranked, serving_ranker
from ritornello.night.lists.shadow import shadow_step_of
from ritornello.night.publication.audit import Check, figures_of, write_checks
from ritornello.night.publication.measures import kept_share, list_quality, repeat_share
from ritornello.night.publication.served import lists_of
from ritornello.night.state.pairs import only
from ritornello.settings.settings import Settings


def places_of_shadow(settings: Settings) -> int:
    """Return how many places of a shadow ranker's lists are kept.

    They are all the places that are measured.
    """
    return min(max(settings.audit.depth, settings.outcomes.depth), settings.recommend.length)


def audit_shadow(context: Context, as_of: datetime, due: DataFrame) -> list[Check]:
    """Measure the shadow's lists, also against those served tonight.

    Both are of the same listeners.
    """
    store, settings = context.store, context.settings.audit
    shadow = store.read("shadow_lists", as_of=as_of).withColumn("list", F.lit("mixed"))
    places = places_of_shadow(context.settings)
    tonight = only(due)(lists_of(store, as_of)).where(F.col("rank") <= places)
    quality, listeners = figures_of(list_quality(shadow)), due.count()
    ours, theirs = (figures_of(repeat_share(rows))["share"] for rows in (shadow, tonight))
    values = {
        "coverage": (quality["listeners"] or 0.0) / listeners if listeners else None,
        "list_length": (quality["mean_length"] or 0.0) / places,
        "duplicates": quality["duplicates"],
        "disorder": quality["disorder"],
        "repeat_shift": None if ours is None or theirs is None else abs(ours - theirs),
        **figures_of(kept_share(shadow, tonight, depth=settings.depth)),
    }
    return [Check(name, value, getattr(settings, name)) for name, value in values.items()]


def recommend_in_shadow(context: Context, as_of: datetime, *, ranker: str) -> None:
    """Rank tonight's candidates by a shadow ranker and measure its lists.

    The lists are not served. The limits are those of the audit, and stability is the share of
    tonight's places that the ranker keeps. A figure beyond its limit stops nothing, but such a night
    does not count as a night in the shadow.
    """
    store, settings = context.store, context.settings
    due = store.read("candidates", as_of=as_of).select("user_id")
    version = serving_ranker(context, as_of, version=ranker)
    lists = ranked(context, version, as_of=as_of, of=only(due))
    is_first = (F.col("list") == "mixed") & (F.col("rank") <= places_of_shadow(settings))
    first = lists.where(is_first).drop("list")
    store.replace("shadow_lists", first.withColumn("ranker", F.lit(ranker)), as_of=as_of)
    write_checks(context, as_of, audit_shadow(context, as_of, due), step=shadow_step_of(ranker))
