"""Rank lists for every listener as of an instant."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.lists.carry import carried_lists
from ritornello.night.lists.generate_candidates import candidate_features
from ritornello.night.state.base import Base
from ritornello.night.state.pairs import Choice, everyone, only
from ritornello.ranking.columns import FEATURES
from ritornello.ranking.explore import with_explored
from ritornello.ranking.lists import ranked_lists
from ritornello.ranking.ranker import Ranker, score


def serving_ranker(context: Context, as_of: datetime, *, version: str | None = None) -> Ranker:
    """Read the newest ranker trained on or before the instant.

    ``version`` picks one of these rankers instead.
    """
    models = context.store.read("models", model="ranker").where(F.col("as_of") <= F.lit(as_of))
    models = models.where(F.col("version") == version) if version else models
    newest = models.orderBy(F.desc("as_of"), "version").first()
    if newest is None:
        raise UsageError(f"no ranker was trained as of {iso(as_of)} or before: run train-ranker")
    if tuple(newest["features"]) != FEATURES:
        raise UsageError(
            f"ranker {newest['version']} was trained on other features than this code has: "
            "run train-ranker"
        )
    return Ranker(newest["native_text"], newest["best_iteration"])


def recommend(
    context: Context, as_of: datetime, *, ranker: str | None = None, base: Base | None = None
) -> None:
    """Write every listener's best mixed, repeats and new items.

    Rows also have the source's own ids. ``ranker`` is the version that ranks, by default the newest.
    In a short night listeners without candidates keep the lists of the base, as far as they still
    have plays and the items are still known.
    """
    store, settings = context.store, context.settings
    candidates = store.read("candidates", as_of=as_of)
    due = candidates.select("user_id").distinct()
    of = everyone if base is None else only(due)
    serving = serving_ranker(context, as_of, version=ranker)
    lists = ranked(context, candidates, serving, as_of=as_of, of=of)
    lists = with_explored(lists, as_of=as_of, settings=settings.exploration)
    rows = _published(context, lists, settings.item_kind)
    if base is not None:
        rows = rows.unionByName(carried_lists(context, base, due, as_of=as_of))
    store.replace("recommendations", rows, as_of=as_of)


def ranked(
    context: Context, candidates: DataFrame, ranker: Ranker, *, as_of: datetime, of: Choice
) -> DataFrame:
    """Rank the candidates of a choice of listeners into lists."""
    lists = context.store.read("als_lists", as_of=as_of)
    rows = candidate_features(context, candidates, lists, as_of=as_of, of=of)
    return ranked_lists(score(rows, ranker), length=context.settings.recommend.length)


def _published(context: Context, lists: DataFrame, kind: str) -> DataFrame:
    items = context.store.read(f"{kind}s").select(
        F.col(f"{kind}_id").alias("item_id"), f"source_{kind}_id"
    )
    users = context.store.read("users").select("user_id", "source_user_id")
    return (
        lists.join(items, on="item_id", how="inner")
        .join(users, on="user_id", how="inner")
        .withColumnRenamed("item_id", f"{kind}_id")
    )
