"""Train ALS factors, or keep those of an earlier fit.

Nights between two fits reuse the last one and fold new listeners in.
"""

from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.job import Context
from ritornello.models.als import fit_factors
from ritornello.models.fold_in import fold_in
from ritornello.models.weighting import weighted
from ritornello.night.state.pairs import only, pair_rows


def train_als(context: Context, as_of: datetime) -> None:
    """Fit and write factors of listeners and items as of an instant."""
    pairs = context.store.read("pair_history", as_of=as_of)
    users, items = fit_factors(pairs, settings=context.settings.als)
    context.store.replace("als_user_factors", users, as_of=as_of)
    trained = items.withColumn("trained_as_of", instant(as_of))
    context.store.replace("als_item_factors", trained, as_of=as_of)


def fitted_at(context: Context, as_of: datetime) -> datetime | None:
    """Return when the fit ended whose factors are stored.

    That is the instant up to which it saw plays. None without factors as of ``as_of``.
    """
    store = context.store
    if not store.has("als_item_factors", as_of=as_of):
        return None
    factors = store.read("als_item_factors", as_of=as_of)
    row = factors.select(F.coalesce("trained_as_of", "as_of").alias("fitted_at")).first()
    assert row is not None
    fitted: datetime = row["fitted_at"].astimezone(UTC)
    return fitted


def fold_in_listeners(context: Context, as_of: datetime, *, kept: datetime) -> None:
    """Write als_user_factors and als_item_factors from those of the day ``kept``.

    Factors of listeners who have none yet are solved from the item factors. Needs user_profile as of
    the instant. The settings of ALS must be those of the fit.
    """
    store = context.store
    users = store.read("als_user_factors", as_of=kept).drop("as_of")
    items = store.read("als_item_factors", as_of=kept).drop("as_of")
    trained = F.coalesce("trained_as_of", instant(kept))
    profiles = store.read("user_profile", as_of=as_of).select("user_id")
    new = profiles.join(users, on="user_id", how="left_anti")
    settings = context.settings.als
    ratings = _ratings(context, as_of, new)
    folded = fold_in(ratings, items, alpha=settings.alpha, reg=settings.reg)
    store.replace("als_user_factors", users.unionByName(folded), as_of=as_of)
    store.replace("als_item_factors", items.withColumn("trained_as_of", trained), as_of=as_of)


def _ratings(context: Context, as_of: datetime, new: DataFrame) -> DataFrame:
    """Compute the ratings of new listeners.

    Weightings that depend on all listeners are computed from everybody's pairs.
    """
    how = context.settings.als.weighting
    if how == "none":
        return weighted(pair_rows(context, as_of, of=only(new)), how=how)
    return only(new)(weighted(pair_rows(context, as_of), how=how))
