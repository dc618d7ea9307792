"""Choose the steps of a night.

A night is whole or short, with or without a new ranker.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ritornello.code_version import code_version
from ritornello.job import Context
from ritornello.night.graph import Step, last_runs, settings_text
from ritornello.night.lists.generate_candidates import generate_candidates
from ritornello.night.lists.recommend import recommend
from ritornello.night.lists.registry import ranker_of, ranker_to_keep, ranker_version
from ritornello.night.lists.shadow import Rankers, rankers_of
from ritornello.night.lists.train_als import fitted_at
from ritornello.night.lists.train_ranker import are_too_few, days_if_any
from ritornello.night.publication.outcomes import shown_nights
from ritornello.night.publication.passed import passed_nights
from ritornello.night.publication.served import published_nights
from ritornello.night.state.base import SUMS, Base, base_of_lists
from ritornello.night.state_steps import checkpoint_step, features_step, sums_step, unite_step
from ritornello.night.step_slices import ALS_TABLES, MAY_BE_SERVED, day_of, state_before
from ritornello.night.steps import (
    als_step,
    audit_step,
    candidates_step,
    count_step,
    kept_factors_step,
    outcome_step,
    publish_step,
    ranker_step,
    recommend_step,
    samples_step,
    shadow_step,
)
from ritornello.ranking.days import Days
from ritornello.tables.slices import part


def steps_to_lists(context: Context, as_of: datetime) -> list[Step]:
    """List the steps from plays to audited lists, without publishing.

    Such a night is filled in later. The night after it may go on from it if it passed the audit.
    """
    nights = passed_nights(context, before=as_of)
    rankers = _rankers(context, as_of, nights)
    return [
        *_to_lists(context, as_of, rankers, nights),
        audit_step(context, as_of, shadow=rankers.shadow),
    ]


def steps_of_night(context: Context, as_of: datetime) -> list[Step]:
    """List the steps from plays to published lists.

    They include the ranker in the shadow, if there is one, and the outcomes of earlier nights. Which
    ranker serves and which one is in the shadow is decided here, once.
    """
    nights = passed_nights(context, before=as_of)
    rankers = _rankers(context, as_of, nights)
    return [
        *_to_lists(context, as_of, rankers, nights),
        publish_step(context, as_of, shadow=rankers.shadow),
        *([shadow_step(context, as_of, rankers.shadow)] if rankers.shadow else []),
        *outcome_steps(context, as_of),
    ]


def _rankers(context: Context, as_of: datetime, nights: Sequence[datetime]) -> Rankers:
    """Decide on the rankers of a night.

    The newest of them may be one that the night itself trains.
    """
    kept = ranker_to_keep(context, as_of, nights)
    return rankers_of(context, as_of, kept or ranker_version(context.settings, as_of))


def _to_lists(
    context: Context, as_of: datetime, rankers: Rankers, nights: Sequence[datetime]
) -> list[Step]:
    """List the steps to lists, with training if a ranker is due."""
    newest = rankers.shadow or rankers.serving
    if newest == ranker_version(context.settings, as_of):
        learning = learning_steps(context, as_of, days_if_any(context, as_of))
    else:
        learning = [unite_step(context, as_of), checkpoint_step(context, as_of)]
    return [*learning, *serving_steps(context, as_of, nights, ranker=rankers.serving)]


def learning_steps(context: Context, as_of: datetime, days: Days | None) -> list[Step]:
    """List the steps that train a ranker.

    Recordings and checkpoints come first, then features, factors and samples of the past days, then
    the ranker. Every past day has a fit of its own: which fit serves it must not hang on what else is
    stored. Where the listeners are too few, the past days need none of these.
    """
    steps = [unite_step(context, as_of), checkpoint_step(context, as_of)]
    if days is not None and are_too_few(context):
        return [*steps, count_step(context, as_of, days)]
    if days is not None:
        for day in days.all:
            steps += [features_step(context, day), als_step(context, day)]
        steps += [samples_step(context, day, days) for day in days.all]
    return [*steps, ranker_step(context, as_of, days)]


def serving_steps(
    context: Context, as_of: datetime, nights: Sequence[datetime], *, ranker: str
) -> list[Step]:
    """List the steps for features, factors, candidates and lists of the day.

    ``ranker`` is the version that ranks the lists, ``nights`` are those it may build on.
    """
    kept = factors_to_keep(context, as_of, nights)
    base = night_to_go_on_from(context, as_of, nights, kept=kept, ranker=ranker)
    if base is not None:
        return short_steps(context, as_of, base, ranker=ranker)
    return [
        features_step(context, as_of),
        factors_step(context, as_of, kept),
        candidates_step(context, as_of),
        recommend_step(context, as_of, ranker),
    ]


def short_steps(context: Context, as_of: datetime, base: Base, *, ranker: str) -> list[Step]:
    """List the same steps for the listeners who are due.

    The others keep what the base has for them.
    """
    now = day_of(as_of, *SUMS, *ALS_TABLES)
    before = day_of(base.as_of, "user_profile", "als_lists", "recommendations")
    candidates = replace(
        candidates_step(context, as_of),
        reads=(*state_before(as_of), *now, *before, *MAY_BE_SERVED),
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


def night_to_go_on_from(
    context: Context,
    as_of: datetime,
    nights: Sequence[datetime],
    *,
    kept: datetime | None,
    ranker: str,
) -> Base | None:
    """Return the earlier night that a short night can go on from.

    It must have used the same ranker, ALS fit, settings and code. Without one (None) the night is a
    whole one.
    """
    base = base_of_lists(context, as_of, nights) if context.settings.night.short else None
    if base is None or kept != base.as_of:
        return None
    then = [candidates_step(context, base.as_of), recommend_step(context, base.as_of, ranker)]
    last = last_runs(context, then)
    for step in then:
        inputs = last[step.key].inputs if step.key in last else {}
        mine = {"settings": settings_text(context, step), "code": code_version()}
        if any(inputs.get(name) != value for name, value in mine.items()):
            return None
    ranked_by = str(ranker_of(ranker))
    return base if ranked_by in last[then[1].key].inputs else None


def factors_step(context: Context, as_of: datetime, kept: datetime | None) -> Step:
    """Return the step for a night's factors.

    They are those of ``kept`` with new listeners folded in, or of a fit.
    """
    return als_step(context, as_of) if kept is None else kept_factors_step(context, as_of, kept)


def factors_to_keep(
    context: Context, as_of: datetime, nights: Sequence[datetime]
) -> datetime | None:
    """Return the night whose factors can be kept.

    None means that it is time for a fit.

    It is the newest of ``nights``, and its factors come from a fit by these settings that is younger
    than `night.als_every_days`.
    """
    every = timedelta(days=context.settings.night.als_every_days)
    if not nights or as_of - nights[-1] >= every:
        return None
    newest = nights[-1]
    fitted = fitted_at(context, newest)
    if fitted is None or as_of - fitted >= every:
        return None
    step = als_step(context, newest)
    last = last_runs(context, [step]).get(step.key)
    by_these = last is not None and last.inputs["settings"] == settings_text(context, step)
    return newest if by_these else None


def outcome_steps(context: Context, as_of: datetime) -> list[Step]:
    """List a step for every shown night whose horizon ended recently.

    Recently means within `outcomes.late_days` before the instant.
    """
    settings = context.settings.outcomes
    horizon, late = (timedelta(days=n) for n in (settings.horizon_days, settings.late_days))
    nights = shown_nights(published_nights(context.store))
    return [
        outcome_step(context, night, night + horizon)
        for night in nights
        if as_of - late <= night + horizon <= as_of and _is_exposed(context, night)
    ]


def _is_exposed(context: Context, night: datetime) -> bool:
    return bool(context.store.files(part("exposures", as_of=night)))
