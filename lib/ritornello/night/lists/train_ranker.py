"""Train a ranker as of an instant, from the past only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, between
from ritornello.errors import FitFailedError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.lists.generate_candidates import proposer
from ritornello.night.lists.known import known_as_of
from ritornello.night.lists.registry import ranker_version
from ritornello.night.lists.sampling import SAMPLED, Sampling
from ritornello.night.state.listened import plays_of_kind
from ritornello.ranking.columns import FEATURES
from ritornello.ranking.days import Days, learning_days
from ritornello.ranking.past_counts import counts_in_plays
from ritornello.ranking.ranker import Ranker, fit_ranker
from ritornello.ranking.samples import sampled
from ritornello.ranking.simple import (
    best_simple,
    counts_in_samples,
    listeners_to_learn_from,
    simple_ranker,
)
from ritornello.ranking.validation import validation_metrics
from ritornello.shelves.batch import Part, part_rows
from ritornello.tables.slices import part


def days_to_learn_from(context: Context, as_of: datetime) -> Days:
    """Choose the past days that a ranker learns from.

    Prints a line if the training horizon had to shrink.
    """
    first = before(plays_of_kind(context), as_of).agg(F.min("played_at")).first()
    if first is None or first[0] is None:
        raise FitFailedError(f"no play before {iso(as_of)}: there is nothing to learn from")
    days = learning_days(as_of, _utc(first[0]), context.settings.ranker)
    horizon_days = context.settings.ranker.horizon_days
    if days.horizon.total_seconds() < horizon_days * 86_400:
        shrunk = days.horizon.total_seconds() / 86_400
        context.console.print(
            f"  the history is short: the training horizon shrinks from {horizon_days:g} "
            f"to {shrunk:.1f} d"
        )
    return days


def _utc(moment: datetime) -> datetime:
    """Convert a timestamp from Spark, which is naive local time, to UTC."""
    return moment.astimezone(UTC)


def build_samples(context: Context, as_of: datetime, days: Days) -> None:
    """Write samples: candidates of sampled listeners on a past day.

    They have features, and labels from the plays within the horizon.
    """
    store, settings = context.store, context.settings.ranker
    users = store.read("user_profile", as_of=as_of)
    share = min(1.0, settings.listeners / max(1, users.count()))
    chosen = _sampler(share, settings.seed)
    played = between(plays_of_kind(context), as_of, as_of + days.horizon)
    later = part_rows(chosen(played.select("user_id", "item_id")), Part.LATER, ())
    rows, known = known_as_of(
        context, as_of, of=chosen, bars_before=as_of, leave_out=settings.leave_out, more=[later]
    )
    sampler = Sampling(
        proposer(context, known.with_part(Part.LATER)),
        as_of,
        days.horizon / timedelta(days=1),
    )
    store.replace("samples", rows.mapInArrow(sampler, SAMPLED), as_of=as_of)


def _sampler(share: float, seed: int) -> Callable[[DataFrame], DataFrame]:
    return lambda df: sampled(df, share=share, seed=seed)


def days_if_any(context: Context, as_of: datetime) -> Days | None:
    """Choose the days to learn from, or print why there are none."""
    try:
        return days_to_learn_from(context, as_of)
    except FitFailedError as error:
        context.console.print(f"  {error}", highlight=False)
        return None


def train_ranker(context: Context, as_of: datetime, days: Days | None) -> None:
    """Train a ranker and register it as a new version.

    Its last training window ends on or before ``as_of``. With too few listeners to learn from, or no
    past days, a simple ranker is registered instead, and a line says so.
    """
    ranker, metrics = _learnt(context, days) if days else (simple_ranker(), {})
    _register(context, as_of, ranker, metrics)


def choose_count(context: Context, as_of: datetime, days: Days) -> None:
    """Register the simple ranker that was best on the past days.

    It needs no samples of these days, only the plays.
    """
    _print_too_few(context, _listeners(context), days)
    ranker, metrics = best_simple(counts_in_plays(plays_of_kind(context), days))
    _register(context, as_of, ranker, metrics)


def are_too_few(context: Context) -> bool:
    """Return whether the warehouse has fewer listeners than a ranker needs."""
    return _listeners(context) < context.settings.ranker.least_listeners


def _listeners(context: Context) -> int:
    return sum(file.rows for file in context.store.files(part("users")))


def _print_too_few(context: Context, listeners: int, days: Days) -> None:
    context.console.print(
        f"  {listeners} listeners are too few to learn from (ranker.least_listeners is "
        f"{context.settings.ranker.least_listeners}): the best count of {len(days.all)} past days "
        "serves instead",
        highlight=False,
    )


def _register(context: Context, as_of: datetime, ranker: Ranker, metrics: dict[str, float]) -> None:
    if ranker.feature is not None:
        context.console.print(f"  lists are ranked by {ranker.feature} alone", highlight=False)
    version = ranker_version(context.settings, as_of)
    row = _registry_row(context, ranker, metrics, as_of)
    context.store.replace("models", row, model="ranker", version=version)


def _learnt(context: Context, days: Days) -> tuple[Ranker, dict[str, float]]:
    """Return the ranker of these days and its metrics on the stopping day."""
    store, settings = context.store, context.settings.ranker
    training = store.read("samples").where(F.col("as_of").isin(list(days.training)))
    stopping = store.read("samples", as_of=days.stopping)
    listeners = listeners_to_learn_from(training)
    if listeners < settings.least_listeners:
        _print_too_few(context, listeners, days)
        return best_simple(counts_in_samples(training.unionByName(stopping)))
    ranker = fit_ranker(training, stopping, settings=settings)
    return ranker, validation_metrics(stopping, ranker)


def _registry_row(
    context: Context, ranker: Ranker, metrics: dict[str, float], as_of: datetime
) -> DataFrame:
    values = (
        as_of,
        as_of,
        list(FEATURES),
        context.settings.ranker.model_dump_json(),
        ranker.best_iteration,
        metrics,
        ranker.native_text,
    )
    schema = (
        "as_of timestamp, trained_as_of timestamp, features array<string>, settings string, "
        "best_iteration int, metrics map<string,double>, native_text string"
    )
    return context.spark.createDataFrame([values], schema)
