"""Factors, candidates and feature rows of a trial."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.artists.content import content_of
from ritornello.artists.features import Bounds, Evidence, Known, known, pair_features
from ritornello.intake.catalogue.build_catalogue import build_catalogue
from ritornello.job import Context
from ritornello.models.als import as_cosine, fit_factors
from ritornello.models.als_lists import als_lists, ship
from ritornello.models.weighting import weighted
from ritornello.scratch import scratch
from ritornello.settings.study import ArtistSettings
from ritornello.study.artists.inputs import Input
from ritornello.study.artists.trials import STAGES, catalogue_as_of, pairs_of

POP_BLEND = 0.1  # B1.3
GROUP_BITS = 16
RECIPES = {"ours": ("val", "test", "refit"), "published": ("train", "val", "test")}


def recipes(settings: ArtistSettings) -> dict[str, tuple[str, ...]]:
    """Return the stages of each recipe that the settings ask for."""
    return {name: RECIPES[name] for name in RECIPES if name == "ours" or settings.published}


def train_factors(context: Context, trial: str) -> None:
    """Write trial_user_factors and trial_item_factors of one trial.

    They are fitted once on train and once on train and validation.
    """
    for parts in dict.fromkeys(stage.fitted for stage in STAGES.values()):
        with context.step(f"train_als {trial} {'+'.join(parts)}"):
            pairs = pairs_of(context, trial, parts)
            users, items = fit_factors(pairs, settings=context.settings.artists.als)
            slice_ = {"trial": trial, "fitted": "+".join(parts)}
            context.store.replace("trial_user_factors", users, **slice_)
            context.store.replace("trial_item_factors", items, **slice_)


def factors_of(context: Context, trial: str, parts: tuple[str, ...]) -> tuple[DataFrame, DataFrame]:
    """Return the factors of listeners and artists, learnt from some parts."""
    slice_ = {"trial": trial, "fitted": "+".join(parts)}
    users = context.store.read("trial_user_factors", **slice_).select("user_id", "factors")
    items = context.store.read("trial_item_factors", **slice_).select("item_id", "factors")
    return users, items


def propose(context: Context, trial: str) -> None:
    """Write trial_candidates of every recipe and stage.

    They are the best artists by ALS that are not masked.
    """
    for recipe, stages in recipes(context.settings.artists).items():
        for name in stages:
            with context.step(f"candidates {trial} {recipe} {name}"):
                candidates = _candidates(context, trial, recipe, name)
                slice_ = {"trial": trial, "recipe": recipe, "stage": name}
                context.store.replace("trial_candidates", candidates, **slice_)


def _candidates(context: Context, trial: str, recipe: str, name: str) -> DataFrame:
    stage = STAGES[name]
    users, items = factors_of(context, trial, stage.fitted)
    fitted = pairs_of(context, trial, stage.fitted)
    if recipe == "published":
        plays = fitted.groupBy("item_id").agg(F.sum("plays").alias("plays"))
        users, items = as_cosine(users, items, plays, pop_blend=POP_BLEND)
    matrix = ship(items)
    nobody = users.select("user_id", F.lit(-1).alias("item_id"))
    known = pairs_of(context, trial, stage.masked).select("user_id", "item_id")
    listeners = pairs_of(context, trial, (stage.truth,)).select("user_id").distinct()
    users = users.join(listeners, on="user_id", how="left_semi")
    length = context.settings.artists.top_n
    lists = als_lists(users, nobody.unionByName(known), matrix, length=length)
    one = F.posexplode(F.arrays_zip("new_items", "new_scores")).alias("als_rank", "_one")
    return lists.select("user_id", one).select(
        "user_id",
        F.col("_one.new_items").alias("item_id"),
        F.col("_one.new_scores").cast("double").alias("als_score"),
        "als_rank",
    )


def learn_catalogue(context: Context, data: Input, trial: str) -> None:
    """Build artist vectors as of the trial, if the input has a catalogue."""
    if data.has_catalogue:
        build_catalogue(context, catalogue_as_of(context, trial))


def build_rows(context: Context, data: Input, trial: str) -> None:
    """Write rerank_rows of every recipe and stage.

    What stages have in common is computed once.
    """
    content = _content(context, data, trial)
    for recipe, names in recipes(context.settings.artists).items():
        for parts in dict.fromkeys(STAGES[name].fitted for name in names):
            with scratch() as scratchpad:
                tables = known(
                    evidence(context, data, trial, parts, content),
                    bounds=bounds(context.settings.artists),
                    published=recipe == "published",
                    keep=scratchpad.keep,
                )
                for name in [name for name in names if STAGES[name].fitted == parts]:
                    _write_rows(context, trial, recipe, name, tables)


def _write_rows(context: Context, trial: str, recipe: str, name: str, tables: Known) -> None:
    slice_ = {"trial": trial, "recipe": recipe, "stage": name}
    with context.step(f"features {trial} {recipe} {name}"):
        candidates = context.store.read("trial_candidates", **slice_)
        features = pair_features(
            candidates.select("user_id", "item_id", "als_score", "als_rank"), tables
        )
        targets = pairs_of(context, trial, (STAGES[name].truth,))
        label = targets.select("user_id", "item_id", F.lit(1).alias("_in"))
        marked = features.join(label, on=["user_id", "item_id"], how="left")
        rows = marked.select(
            "user_id",
            "item_id",
            F.shiftleft(F.col("user_id").cast("long"), GROUP_BITS).alias("group_id"),
            F.coalesce("_in", F.lit(0)).alias("label"),
            "features",
        )
        context.store.replace("rerank_rows", rows, **slice_)


def _content(context: Context, data: Input, trial: str) -> DataFrame | None:
    if not data.has_catalogue:
        return None
    vectors = context.store.read("artist_features_joined", as_of=catalogue_as_of(context, trial))
    return content_of(vectors)


def bounds(settings: ArtistSettings) -> Bounds:
    return Bounds(settings.pairs_per_user, settings.neighbours, settings.tags_per_artist)


def evidence(
    context: Context, data: Input, trial: str, parts: tuple[str, ...], content: DataFrame | None
) -> Evidence:
    """Collect everything that may be known from these parts."""
    pairs = pairs_of(context, trial, parts)
    users, items = factors_of(context, trial, parts)
    store = context.store
    tags = None
    if data.has_tags:
        tags = store.read("artist_tags").withColumnRenamed("artist_id", "item_id")
    return Evidence(
        pairs,
        weighted(pairs, how=context.settings.artists.als.weighting),
        users,
        items,
        content=content,
        friends=store.read("friends") if data.has_friends else None,
        tags=tags,
    )
