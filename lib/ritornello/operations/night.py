"""refresh: a whole night in one session, from plays to judged recommendations."""

from datetime import datetime

from pyspark.sql import functions as F

from ritornello.features.decay import instant
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.operations.candidates import generate_candidates
from ritornello.operations.evaluation import evaluate_night
from ritornello.operations.features import build_checkpoints, build_features, plays_of_kind
from ritornello.operations.models import (
    build_samples,
    days_to_learn_from,
    train_als,
    train_ranker,
)
from ritornello.operations.serving import recommend
from ritornello.ranking.days import Days


def refresh(context: Context, as_of: datetime) -> str:
    """Features, models, candidates and lists as of an instant, and their evaluation."""
    days = days_to_learn_from(context, as_of)
    build_past(context, as_of, days)
    build_features(context, as_of)
    train_als(context, as_of)
    for day in days.all:
        build_samples(context, day, days)
    train_ranker(context, as_of, days)
    generate_candidates(context, as_of)
    recommend(context, as_of)
    if not played_since(context, as_of):
        return f"recommendations as of {iso(as_of)} are written; nothing was played since to judge them by"
    return evaluate_night(context, as_of)


def build_past(context: Context, as_of: datetime, days: Days) -> None:
    """Checkpoints, features and factors of every past day that the ranker learns from."""
    build_checkpoints(context, first=min(days.all), last=as_of)
    for day in days.all:
        build_features(context, day)
        train_als(context, day)


def learn(context: Context, as_of: datetime) -> str:
    """Train the ranker as of an instant, with all that its past days need."""
    days = days_to_learn_from(context, as_of)
    build_past(context, as_of, days)
    for day in days.all:
        build_samples(context, day, days)
    train_ranker(context, as_of, days)
    return f"a ranker as of {iso(as_of)} is in the registry"


def played_since(context: Context, as_of: datetime) -> bool:
    """Whether the warehouse knows of a play at or after the instant."""
    later = plays_of_kind(context).where(F.col("played_at") >= instant(as_of))
    return not later.isEmpty()
