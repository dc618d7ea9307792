"""The steps of a night with the slices they take and leave: the night's graph, as data.

A step lists every slice that it reads rows of; what it does not list must not change its result.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ritornello.instants import compact, month_start
from ritornello.job import Context
from ritornello.operations.candidates import generate_candidates
from ritornello.operations.evaluation import evaluate_night, horizon_name
from ritornello.operations.features import build_checkpoints, build_features
from ritornello.operations.fold_in import als_to_keep, fold_in_listeners
from ritornello.operations.graph import Step, last_runs, settings_hash
from ritornello.operations.models import build_samples, train_als, train_ranker
from ritornello.operations.publish import publish
from ritornello.operations.serving import recommend
from ritornello.ranking.days import Days
from ritornello.tables.slices import Slice, part

TRACKS, USERS = Slice("tracks", grows=True), Slice("users", grows=True)
FEATURE_TABLES = ("histories", "pair_history", "item_stats", "user_profile")
ALS_TABLES = ("als_user_factors", "als_item_factors")
PROPOSING = ("candidates", "recommend")


def day_of(as_of: datetime, *tables: str) -> tuple[Slice, ...]:
    """The slices of these tables as of an instant."""
    return tuple(part(table, as_of=as_of) for table in tables)


def plays_before(as_of: datetime) -> Slice:
    return Slice("plays", before=as_of)


def learning_steps(context: Context, as_of: datetime, days: Days) -> list[Step]:
    """Checkpoints, then features, factors and samples of the past days, then the ranker."""
    steps = [checkpoint_step(context, as_of)]
    for day in days.all:
        steps += [features_step(context, day), factors_step(context, day)]
    steps += [samples_step(context, day, days) for day in days.all]
    return [*steps, ranker_step(context, as_of, days)]


def serving_steps(context: Context, as_of: datetime, *, ranker: str) -> list[Step]:
    """Features, factors, candidates and lists of the day itself, ranked by that version."""
    return [
        features_step(context, as_of),
        factors_step(context, as_of),
        candidates_step(context, as_of),
        recommend_step(context, as_of, ranker),
    ]


def checkpoint_step(context: Context, as_of: datetime) -> Step:
    """The months before the instant's, each counted once."""
    month = month_start(as_of)
    return Step(
        "pair_checkpoints",
        month,
        reads=(plays_before(month), TRACKS),
        writes=(checkpoints_before(as_of),),
        settings=("features", "catalogue"),
        run=lambda: build_checkpoints(context, last=as_of),
    )


def checkpoints_before(as_of: datetime) -> Slice:
    return Slice("pair_checkpoints", up_to=month_start(as_of))


def features_step(context: Context, as_of: datetime) -> Step:
    return Step(
        "build_features",
        as_of,
        reads=(checkpoints_before(as_of), plays_before(as_of), TRACKS),
        writes=day_of(as_of, *FEATURE_TABLES),
        settings=("features", "catalogue"),
        run=lambda: build_features(context, as_of),
    )


def als_step(context: Context, as_of: datetime) -> Step:
    return Step(
        "train_als",
        as_of,
        reads=day_of(as_of, "pair_history"),
        writes=day_of(as_of, *ALS_TABLES),
        settings=("als",),
        run=lambda: train_als(context, as_of),
    )


def factors_step(context: Context, as_of: datetime) -> Step:
    """A day's factors: of a fit younger than `night.als_every_days` by these settings, or its own."""
    own = als_step(context, as_of)
    kept = als_to_keep(context, as_of, every_days=context.settings.night.als_every_days)
    if kept is None:
        return own
    fitted = als_step(context, kept)
    last = last_runs(context, [fitted]).get(fitted.key)
    if last is None or last.inputs["settings"] != settings_hash(context, own):
        return own
    return replace(
        own,
        reads=(*day_of(kept, *ALS_TABLES), *day_of(as_of, "pair_history", "user_profile")),
        run=lambda: fold_in_listeners(context, as_of, kept=kept),
    )


def samples_step(context: Context, as_of: datetime, days: Days) -> Step:
    return Step(
        "build_samples",
        as_of,
        reads=(
            *day_of(as_of, *FEATURE_TABLES, *ALS_TABLES),
            plays_before(as_of + days.horizon),
            TRACKS,
        ),
        writes=day_of(as_of, "samples"),
        settings=(*PROPOSING, "ranker"),
        run=lambda: build_samples(context, as_of, days),
    )


def ranker_step(context: Context, as_of: datetime, days: Days) -> Step:
    return Step(
        "train_ranker",
        as_of,
        reads=tuple(part("samples", as_of=day) for day in days.all),
        writes=(ranker_of(own_ranker(context, as_of)),),
        settings=("ranker",),
        run=lambda: train_ranker(context, as_of, days),
    )


def own_ranker(context: Context, as_of: datetime) -> str:
    """The version that a night trains."""
    return f"{compact(as_of)}-{context.settings.fingerprint()}"


def ranker_of(version: str) -> Slice:
    return part("models", model="ranker", version=version)


def candidates_step(context: Context, as_of: datetime) -> Step:
    return Step(
        "generate_candidates",
        as_of,
        reads=(*day_of(as_of, *FEATURE_TABLES, *ALS_TABLES), TRACKS),
        writes=day_of(as_of, "als_lists", "candidates"),
        settings=PROPOSING,
        run=lambda: generate_candidates(context, as_of),
    )


def recommend_step(context: Context, as_of: datetime, ranker: str) -> Step:
    return Step(
        "recommend",
        as_of,
        reads=(
            *day_of(as_of, "als_lists", "candidates", *FEATURE_TABLES),
            ranker_of(ranker),
            TRACKS,
            USERS,
        ),
        writes=day_of(as_of, "recommendations"),
        settings=("recommend",),
        run=lambda: recommend(context, as_of, ranker=ranker),
    )


def publish_step(context: Context, as_of: datetime) -> Step:
    """It leaves no slice: after a rollback the same night is not published by itself again."""
    return Step(
        "publish",
        as_of,
        reads=day_of(as_of, "recommendations"),
        writes=(),
        settings=("audit",),
        run=lambda: publish(context, as_of),
    )


def evaluate_step(
    context: Context, as_of: datetime, run: Callable[[], object] | None = None
) -> Step:
    horizon = horizon_name(context.settings.evaluation.horizon_days)
    return Step(
        "evaluate",
        as_of,
        reads=(*day_of(as_of, "recommendations", "candidates", *FEATURE_TABLES), part("plays")),
        writes=(part("evaluations", as_of=as_of, horizon=horizon),),
        settings=("evaluation",),
        run=run or (lambda: evaluate_night(context, as_of)),
    )
