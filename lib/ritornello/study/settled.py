"""Settle everything a comparison learns and chooses before it looks at the test."""

from dataclasses import dataclass
from datetime import datetime

from ritornello.errors import UsageError
from ritornello.job import Context
from ritornello.methods.definitions import METHODS, RANKER, SEQUENTIAL, Option
from ritornello.methods.learnt import LogitScale
from ritornello.night.graph import run_step
from ritornello.night.judging.day import count_column
from ritornello.night.judging.evaluate import Horizon, methods_that_can
from ritornello.night.lists.train_ranker import days_to_learn_from
from ritornello.night.state_steps import checkpoint_step, features_step
from ritornello.night.steps import als_step, ranker_step, samples_step
from ritornello.ranking.days import Days
from ritornello.study.split import Split, make_split
from ritornello.study.tuning import Judged, scale_of, tune
from ritornello.tables.store import Store


@dataclass(frozen=True)
class Settled:
    """Everything a comparison settles before it looks at the test."""

    split: Split
    days: Days
    methods: list[str]
    options: dict[str, Option | None]
    tuned: Judged
    scale: LogitScale | None
    horizon: Horizon


def settle(context: Context, source: Store) -> Settled:
    """Learn and choose everything from days before the test."""
    settings = context.settings.compare
    split = make_split(context, source)
    everyone = [*METHODS, *(SEQUENTIAL if context.settings.sequence.enabled else ())]
    names = methods_that_can(context, settings.methods or everyone, listeners=split.listeners)
    if not names:
        raise UsageError("no method is left to compare: choose others in compare.methods")
    days = days_to_learn_from(context, split.test)
    _learn(context, names, days, split.test)
    scale = scale_of(context, days, count_column(context)) if "als_pps" in names else None
    options, tuned = tune(context, days, names, scale=scale, from_samples=needs_models(names))
    nightly = settings.protocol == "nightly"
    horizon: Horizon = settings.night_horizon_days if nightly else "to_end"
    return Settled(split, days, names, options, tuned, scale, horizon)


def _learn(context: Context, names: list[str], days: Days, as_of: datetime) -> None:
    """Write what the methods need of the past.

    That is features, and for some of them factors and a ranker.
    """
    run_step(context, checkpoint_step(context, as_of))
    if not needs_models(names):
        run_step(context, features_step(context, days.stopping))
        return
    for day in days.all:
        run_step(context, features_step(context, day))
        run_step(context, als_step(context, day))
    for day in days.all:
        run_step(context, samples_step(context, day, days))
    if RANKER in names:
        run_step(context, ranker_step(context, as_of, days))


def needs_models(names: list[str]) -> bool:
    """Return whether any of the methods needs factors or candidates."""
    return any(name in (RANKER, "als", "als_pps") or name.startswith("sub_item") for name in names)
