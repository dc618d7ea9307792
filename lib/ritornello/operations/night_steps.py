"""The steps of a night with the slices they take and leave: the night's graph, as data.

A step lists every slice that it reads rows of; what it does not list must not change its result.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ritornello.code_version import code_version
from ritornello.instants import month_start
from ritornello.job import Context
from ritornello.operations.candidates import generate_candidates
from ritornello.operations.evaluation import evaluate_night, horizon_name
from ritornello.operations.features import build_features
from ritornello.operations.fold_in import als_to_keep, fold_in_listeners
from ritornello.operations.forward import SUMS, bring_forward
from ritornello.operations.graph import Step, last_runs, settings_hash
from ritornello.operations.models import build_samples, train_als, train_ranker
from ritornello.operations.publish import publish
from ritornello.operations.registry import SHADOW, ranker_of, ranker_version
from ritornello.operations.serving import recommend, recommend_in_shadow
from ritornello.operations.short_night import Base, base_of
from ritornello.operations.state import build_checkpoints
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
    base = base_night(context, as_of, ranker)
    if base is not None:
        return short_steps(context, as_of, base, ranker=ranker)
    return [
        features_step(context, as_of),
        factors_step(context, as_of),
        candidates_step(context, as_of),
        recommend_step(context, as_of, ranker),
    ]


def short_steps(context: Context, as_of: datetime, base: Base, *, ranker: str) -> list[Step]:
    """The same for the listeners who are due; the others keep what the base has of them."""
    now = day_of(as_of, *SUMS, *ALS_TABLES)
    before = day_of(base.as_of, "user_profile", "als_lists", "recommendations")
    candidates = replace(
        candidates_step(context, as_of),
        reads=(*state_before(as_of), *now, *before),
        run=lambda: generate_candidates(context, as_of, base=base),
    )
    lists = recommend_step(context, as_of, ranker)
    lists = replace(
        lists,
        reads=(*lists.reads, *state_before(as_of), *before),
        run=lambda: recommend(context, as_of, ranker=ranker, base=base),
    )
    factors = kept_factors_step(context, as_of, base.as_of)
    return [sums_step(context, as_of, base), factors, candidates, lists]


def base_night(context: Context, as_of: datetime, ranker: str) -> Base | None:
    """The night to go on from: by the same ranker, fit, settings and code; none: a whole night."""
    base = base_of(context, as_of) if context.settings.night.short else None
    if base is None or factors_to_keep(context, as_of) != base.as_of:
        return None
    then = [candidates_step(context, base.as_of), recommend_step(context, base.as_of, ranker)]
    last = last_runs(context, then)
    for step in then:
        inputs = last[step.key].inputs if step.key in last else {}
        mine = {"settings": settings_hash(context, step), "code": code_version()}
        if any(inputs.get(name) != value for name, value in mine.items()):
            return None
    ranked_by = str(ranker_of(ranker))
    return base if ranked_by in last[then[1].key].inputs else None


def state_before(as_of: datetime) -> tuple[Slice, ...]:
    """What any listener's pairs and history as of an instant are put together from."""
    return (checkpoints_before(as_of), plays_before(as_of), TRACKS)


def sums_step(context: Context, as_of: datetime, base: Base) -> Step:
    return Step(
        "bring_forward",
        as_of,
        reads=(*state_before(as_of), *day_of(base.as_of, *SUMS)),
        writes=day_of(as_of, *SUMS),
        settings=("features", "catalogue"),
        run=lambda: bring_forward(context, as_of),
    )


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
        reads=state_before(as_of),
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
    """A day's factors: of an earlier day's fit, new listeners folded in, or of a fit of its own."""
    kept = factors_to_keep(context, as_of)
    return als_step(context, as_of) if kept is None else kept_factors_step(context, as_of, kept)


def kept_factors_step(context: Context, as_of: datetime, kept: datetime) -> Step:
    """The factors of that earlier day, new listeners folded in."""
    return replace(
        als_step(context, as_of),
        reads=(
            *day_of(kept, *ALS_TABLES),
            *day_of(as_of, "user_profile"),
            *state_before(as_of),
        ),
        run=lambda: fold_in_listeners(context, as_of, kept=kept),
    )


def factors_to_keep(context: Context, as_of: datetime) -> datetime | None:
    """The day whose factors serve: of a fit by these settings younger than `night.als_every_days`."""
    kept = als_to_keep(context, as_of, every_days=context.settings.night.als_every_days)
    if kept is None:
        return None
    fitted = als_step(context, kept)
    last = last_runs(context, [fitted]).get(fitted.key)
    by_these = last is not None and last.inputs["settings"] == settings_hash(context, fitted)
    return kept if by_these else None


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
        writes=(ranker_of(ranker_version(context.settings, as_of)),),
        settings=("ranker",),
        run=lambda: train_ranker(context, as_of, days),
    )


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
        settings=("recommend", "exploration"),
        run=lambda: recommend(context, as_of, ranker=ranker),
    )


def shadow_step(context: Context, as_of: datetime, ranker: str) -> Step:
    """The lists of a ranker that does not serve yet, beside those that do."""
    served = recommend_step(context, as_of, ranker)
    return replace(
        served,
        name=SHADOW,
        reads=(*served.reads, *state_before(as_of), *day_of(as_of, "recommendations")),
        writes=day_of(as_of, "shadow_lists"),
        settings=("recommend", "audit"),
        run=lambda: recommend_in_shadow(context, as_of, ranker=ranker),
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
