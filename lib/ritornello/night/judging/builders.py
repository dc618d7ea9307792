"""Builders of lists, one function per family of methods."""

from collections.abc import Callable, Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before
from ritornello.features.items import popular_items
from ritornello.features.neighbours import item_neighbours, spread, strongest_pairs
from ritornello.methods.definitions import PARTS, Option
from ritornello.methods.learnt import ship_ease, ship_pool
from ritornello.methods.scorers import (
    FactorsAndPopularity,
    Linear,
    Listed,
    Neighbours,
    OwnArtists,
    Ranked,
)
from ritornello.methods.shelves import with_arrays
from ritornello.models.als_lists import ItemMatrix, ship
from ritornello.night.judging.day import Day, column_name, count_column, label
from ritornello.night.lists.known import (
    catalogue_as_of,
    known_factors,
)
from ritornello.night.state.build_transitions import build_transitions, transition_rows
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.pairs import pair_rows
from ritornello.popularity.counts import power_counts
from ritornello.popularity.scores import softmax_bonus
from ritornello.popularity.sub_items import clusters_of, credits, parts_of


def _recent_popular(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    depth = day.context.settings.candidates.popular_depth
    for days in options:
        row = popular_items(day.items, by=f"decayed_{days}d", depth=depth).first()
        day.scorers[label(name, days)] = Ranked(tuple(row["popular"]) if row else ())


def _power_law(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    plays = day.of(before(plays_of_kind(day.context), day.as_of))
    for power in options:
        counts = power_counts(plays, as_of=day.as_of, power=float(power or 0.5))
        day.add_scores(counts, label(name, power), "count")


def _own_artists(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    settings = day.context.settings.candidates
    catalogue = catalogue_as_of(day.context, day.as_of)
    day.scorers[name] = OwnArtists(catalogue, settings.own_artists, settings.artists_per_user)


def _als(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    _with_als(day)
    day.scorers[name] = Listed()


def _with_als(day: Day) -> None:
    """Put ALS's lists and the listener's factors on the shelves, once."""
    if "als_items" in day.shelved.columns:
        return
    store = day.context.store
    lists = day.lists if day.lists is not None else store.read("als_lists", as_of=day.as_of)
    factors = day.of(store.read("als_user_factors", as_of=day.as_of)).select("user_id", "factors")
    arrays = lists.select(
        "user_id",
        F.concat("repeat_items", "new_items").alias("als_items"),
        F.concat("repeat_scores", "new_scores").alias("als_scores"),
        F.col("new_items").alias("als_new_items"),
        F.col("new_scores").alias("als_new_scores"),
    )
    day.shelved = with_arrays(with_arrays(day.shelved, arrays), factors)


def shipped_factors(day: Day) -> ItemMatrix:
    """Ship the item factors of the day to every executor."""
    return ship(known_factors(day.context, day.as_of))


def _als_pps(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    _with_als(day)
    matrix = shipped_factors(day)
    column = count_column(day.context)
    for eps in options:
        day.scorers[label(name, eps)] = FactorsAndPopularity(
            matrix, day.slope, float(eps or 0.01), column
        )


def _transitions(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    settings = day.context.settings.compare
    build_transitions(day.context, last=day.as_of)
    steps = transition_rows(day.context, day.as_of).select(
        "item_id", F.col("next_item_id").alias("other_id"), F.col("weight").alias("similarity")
    )
    fading = [F.pow(F.lit(2.0), -F.col("plays_since") / F.lit(float(n or 20))) for n in options]
    names = {label(name, n): column_name(label(name, n)) for n in options}
    latest = day.pairs.where(F.col("plays_since") < settings.items_per_user)
    starts = latest.select(
        "user_id", "item_id", *(c.alias(n) for c, n in zip(fading, names.values(), strict=True))
    )
    _spread(day, starts, steps, names)


def _item_knn(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    settings = day.context.settings.compare
    everybody = pair_rows(day.context, day.as_of)
    near = item_neighbours(
        everybody, per_user=settings.items_per_user, nearest=settings.neighbours, shrink=10.0
    ).localCheckpoint()
    best = strongest_pairs(day.pairs, by="decayed_365d", per_user=settings.items_per_user)
    strong = day.pairs.join(best.select("user_id", "item_id"), ["user_id", "item_id"], "left_semi")
    names = {label(name, column): column_name(label(name, column)) for column in options}
    starts = strong.select(
        "user_id",
        "item_id",
        *(
            F.col(str(c)).cast("double").alias(n)
            for c, n in zip(options, names.values(), strict=True)
        ),
    )
    _spread(day, starts, near, names)


def _spread(day: Day, starts: DataFrame, others: DataFrame, names: Mapping[str, str]) -> None:
    """Put the best items by each weight in ``starts`` on the shelves.

    ``starts`` are the items from which the weights spread to ``others``.
    """
    depth = day.context.settings.compare.scored_per_user
    scored = spread(starts, others, weights=list(names.values()), per_user=depth).localCheckpoint()
    for one, column in names.items():
        day.add_scores(scored, one, column)


def _tifu_knn(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    settings = day.context.settings.compare
    pool = ship_pool(
        pair_rows(day.context, day.as_of),
        name="pool",
        listeners=settings.pool_listeners,
        per_user=300,
    )
    for alpha in options:
        day.scorers[label(name, alpha)] = Neighbours(pool, "decayed_60d", float(alpha or 0.7))


def _ease(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    ridges = [float(ridge or 200.0) for ridge in options]
    file = ship_ease(
        pair_rows(day.context, day.as_of),
        day.items,
        name="ease",
        catalogue=day.context.settings.compare.ease_items,
        ridges=ridges,
    )
    for option, ridge in zip(options, ridges, strict=True):
        day.scorers[label(name, option)] = Linear(file, f"ridge_{ridge:g}")


def _sub_item(day: Day, name: str, options: tuple[Option | None, ...]) -> None:
    """Score the day's candidates by PPS bonus + weight x credit."""
    store, column = day.context.store, count_column(day.context)
    counts = day.pairs.select("user_id", "item_id", F.col(column).cast("double").alias("count"))
    candidates = day.candidates
    if candidates is None:
        stored = store.read("candidates", as_of=day.as_of)
        candidates = stored.select("user_id", F.explode("item_ids").alias("item_id"))
    scored = (
        credits(
            candidates.select("user_id", "item_id"),
            counts.where("count > 0"),
            _parts(day, name.removeprefix("sub_item_")),
        )
        .join(counts, on=["user_id", "item_id"], how="left")
        .withColumn("bonus", softmax_bonus(F.coalesce(F.col("count"), F.lit(0.0))))
    )
    names = {label(name, weight): float(weight or 1.0) for weight in options}
    columns = {
        column_name(one): F.col("bonus") + F.lit(weight) * F.col("credit")
        for one, weight in names.items()
    }
    weighted = scored.withColumns(columns).localCheckpoint()
    for one in names:
        day.add_scores(weighted, one, column_name(one))


def _parts(day: Day, part: str) -> DataFrame:
    if part == "als":
        factors = day.context.store.read("als_item_factors", as_of=day.as_of)
        rank = day.context.settings.als.rank
        return clusters_of(factors, codes=rank // 4)
    tracks = day.context.store.read("tracks").withColumnRenamed("track_id", "item_id")
    return parts_of(tracks, part)


Builder = Callable[[Day, str, tuple[Option | None, ...]], None]

BUILDERS: dict[str, Builder] = {
    "recent_popular": _recent_popular,
    "power_law_popularity": _power_law,
    "own_artists": _own_artists,
    "transitions": _transitions,
    "item_knn": _item_knn,
    "tifu_knn": _tifu_knn,
    "ease": _ease,
    "als": _als,
    "als_pps": _als_pps,
    **{f"sub_item_{part}": _sub_item for part in PARTS},
}
