"""The steps of a night with the slices they read and write.

A step lists every slice that it reads rows from. Anything it does not list must not change its
result.
"""

from dataclasses import replace
from datetime import datetime

from ritornello.job import Context
from ritornello.night.graph import Step
from ritornello.night.judging.evaluate import evaluate_night, horizon_name
from ritornello.night.lists.generate_candidates import generate_candidates
from ritornello.night.lists.recommend import recommend
from ritornello.night.lists.registry import ranker_of, ranker_version
from ritornello.night.lists.shadow import SHADOW
from ritornello.night.lists.train_als import fold_in_listeners, train_als
from ritornello.night.lists.train_ranker import build_samples, choose_count, train_ranker
from ritornello.night.publication.outcomes import record_outcomes
from ritornello.night.publication.publish import audit_night, publish
from ritornello.night.publication.shadow_lists import recommend_in_shadow
from ritornello.night.step_slices import (
    ALS_TABLES,
    FEATURE_TABLES,
    MAY_BE_SERVED,
    RECORDINGS,
    TRACKS,
    USERS,
    day_of,
    plays_before,
    state_before,
)
from ritornello.ranking.days import Days
from ritornello.tables.slices import Slice, part

PROPOSING = ("candidates", "recommend")


def als_step(context: Context, as_of: datetime) -> Step:
    return Step(
        "train_als",
        as_of,
        reads=day_of(as_of, "pair_history"),
        writes=day_of(as_of, *ALS_TABLES),
        settings=("als",),
        run=lambda: train_als(context, as_of),
    )


def kept_factors_step(context: Context, as_of: datetime, kept: datetime) -> Step:
    """Return the step that keeps the factors of an earlier day.

    New listeners are folded in.
    """
    return replace(
        als_step(context, as_of),
        reads=(
            *day_of(kept, *ALS_TABLES),
            *day_of(as_of, "user_profile"),
            *state_before(as_of),
        ),
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
            RECORDINGS,
            *MAY_BE_SERVED,
        ),
        writes=day_of(as_of, "samples"),
        settings=(*PROPOSING, "ranker"),
        run=lambda: build_samples(context, as_of, days),
    )


def ranker_step(context: Context, as_of: datetime, days: Days | None) -> Step:
    return Step(
        "train_ranker",
        as_of,
        reads=tuple(part("samples", as_of=day) for day in (days.all if days else ())),
        writes=(ranker_of(ranker_version(context.settings, as_of)),),
        settings=("ranker",),
        run=lambda: train_ranker(context, as_of, days),
    )


def count_step(context: Context, as_of: datetime, days: Days) -> Step:
    """Return the step that chooses a count for few listeners."""
    return replace(
        ranker_step(context, as_of, days),
        reads=(plays_before(as_of), TRACKS, RECORDINGS, USERS),
        run=lambda: choose_count(context, as_of, days),
    )


def candidates_step(context: Context, as_of: datetime) -> Step:
    return Step(
        "generate_candidates",
        as_of,
        reads=(
            *day_of(as_of, *FEATURE_TABLES, *ALS_TABLES),
            plays_before(as_of),
            TRACKS,
            RECORDINGS,
            *MAY_BE_SERVED,
        ),
        writes=day_of(as_of, "als_lists", "candidates"),
        settings=PROPOSING,
        run=lambda: generate_candidates(context, as_of),
    )


def recommend_step(context: Context, as_of: datetime, ranker: str | None = None) -> Step:
    """Return the step that ranks the lists.

    ``ranker`` is the version that ranks them, by default the newest.
    """
    return Step(
        "recommend",
        as_of,
        reads=(
            *day_of(as_of, "als_lists", "candidates", *FEATURE_TABLES),
            ranker_of(ranker),
            plays_before(as_of),
            RECORDINGS,
            TRACKS,
            *MAY_BE_SERVED,
        ),
        writes=day_of(as_of, "recommendations"),
        settings=("recommend", "exploration"),
        run=lambda: recommend(context, as_of, ranker=ranker),
    )


def shadow_step(context: Context, as_of: datetime, ranker: str) -> Step:
    """Return the step that ranks lists with a ranker in the shadow."""
    served = recommend_step(context, as_of, ranker)
    return replace(
        served,
        name=SHADOW,
        reads=(*served.reads, *state_before(as_of), *day_of(as_of, "recommendations")),
        writes=day_of(as_of, "shadow_lists"),
        settings=("recommend", "audit"),
        run=lambda: recommend_in_shadow(context, as_of, ranker=ranker),
    )


def publish_step(
    context: Context, as_of: datetime, *, shadow: str | None, even_if_older: bool = False
) -> Step:
    """Return the step that publishes a night.

    The step writes no slice, so that after a rollback the same night is not published again by
    itself.
    """
    return Step(
        "publish",
        as_of,
        reads=day_of(as_of, "recommendations"),
        writes=(),
        settings=("audit",),
        run=lambda: publish(context, as_of, shadow=shadow, even_if_older=even_if_older),
    )


def audit_step(context: Context, as_of: datetime, *, shadow: str | None) -> Step:
    """Return the step that audits a night which is not to be served."""
    return replace(
        publish_step(context, as_of, shadow=shadow),
        name="audit",
        run=lambda: audit_night(context, as_of, shadow=shadow),
    )


def evaluate_step(context: Context, as_of: datetime) -> Step:
    horizon = horizon_name(context.settings.evaluation.horizon_days)
    return Step(
        "evaluate",
        as_of,
        reads=(
            *day_of(as_of, "recommendations", "candidates", "als_lists", *ALS_TABLES),
            *day_of(as_of, *FEATURE_TABLES),
            part("plays"),
            TRACKS,
            RECORDINGS,
        ),
        writes=(part("evaluations", as_of=as_of, horizon=horizon),),
        settings=("evaluation",),
        run=lambda: evaluate_night(context, as_of),
    )


def outcome_step(context: Context, night: datetime, end: datetime) -> Step:
    return Step(
        "record_outcomes",
        end,
        reads=(
            *(part(table, as_of=night) for table in ("exposures", "shadow_lists")),
            Slice("plays", before=end),
            RECORDINGS,
        ),
        writes=(part("outcomes", as_of=end),),
        settings=("outcomes",),
        run=lambda: record_outcomes(context, night, end),
    )
