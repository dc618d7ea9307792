"""recommend: ranked lists of every listener as of an instant."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.features.matrix import FEATURES
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.operations.candidates import candidate_features
from ritornello.operations.short_night import Base, carried
from ritornello.operations.state import everyone, only
from ritornello.ranking.lists import ranked_lists
from ritornello.ranking.ranker import Ranker, score


def serving_ranker(context: Context, as_of: datetime, *, version: str | None = None) -> Ranker:
    """The newest ranker that was trained on or before the instant, or that version of them."""
    models = context.store.read("models", model="ranker").where(F.col("as_of") <= F.lit(as_of))
    models = models.where(F.col("version") == version) if version else models
    newest = models.orderBy(F.desc("as_of"), "version").first()
    if newest is None:
        raise UsageError(f"no ranker was trained as of {iso(as_of)} or before: run train-ranker")
    if tuple(newest["features"]) != FEATURES:
        raise UsageError(
            f"ranker {newest['version']} knows other features than this code: run train-ranker"
        )
    return Ranker(newest["native_text"], newest["best_iteration"])


def recommend(
    context: Context, as_of: datetime, *, ranker: str | None = None, base: Base | None = None
) -> None:
    """The best mixed, repeats and new items of every listener, by their source's own ids.

    They are ranked by that version of the ranker, else by the newest. On a short night who has no
    candidates keeps the lists of the base.
    """
    store, kind = context.store, context.settings.item_kind
    with context.step("recommend", as_of):
        candidates = store.read("candidates", as_of=as_of)
        due = candidates.select("user_id").distinct()
        rows = candidate_features(
            context,
            candidates,
            store.read("als_lists", as_of=as_of),
            as_of=as_of,
            of=everyone if base is None else only(due),
        )
        scored = score(rows, serving_ranker(context, as_of, version=ranker))
        lists = ranked_lists(scored, length=context.settings.recommend.length)
        told = _published(context, lists, kind)
        if base is not None:
            told = told.unionByName(carried(context, "recommendations", base, due))
        store.replace("recommendations", told, as_of=as_of)


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
