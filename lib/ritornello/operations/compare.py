"""compare: any set of methods on one data set, split by a published protocol or night by night.

The split is a warehouse of its own. Everything in it is derived as in a night, so a method of a
comparison sees exactly what it would see when it serves.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.job import Context
from ritornello.methods.catalogue import METHODS, RANKER, Option
from ritornello.methods.learnt import LogitScale
from ritornello.operations.candidates import generate_candidates
from ritornello.operations.compare_report import results_of, write_results
from ritornello.operations.evaluation import (
    Horizon,
    methods_that_can,
    print_table,
    test_truth,
    write_evaluations,
)
from ritornello.operations.features import build_features
from ritornello.operations.methods import count_column, lists_of_methods, open_day
from ritornello.operations.models import (
    build_samples,
    days_to_learn_from,
    train_als,
    train_ranker,
)
from ritornello.operations.serving import recommend
from ritornello.operations.split import Split, make_split
from ritornello.operations.state import build_checkpoints
from ritornello.operations.tuning import Judged, scale_of, tune
from ritornello.ranking.days import Days
from ritornello.tables.store import Store


@dataclass(frozen=True)
class Comparison:
    """What a comparison has settled before the test is looked at."""

    split: Split
    days: Days
    methods: list[str]
    options: dict[str, Option | None]
    tuned: Judged
    scale: LogitScale | None
    horizon: Horizon


def compare_methods(context: Context, source: Store, out: Path, *, data: str) -> str:
    """Split, learn, tune, list, judge, report; ``data`` names the data set in the report."""
    settled = settle(context, source)
    for as_of in settled.split.nights:
        prepare_night(context, as_of, settled)
        judge_night(context, as_of, settled)
    results = results_of(context, settled, data=data)
    print_table(context, results)
    write_results(out, results)
    return (
        f"{len(settled.methods)} methods, {results['listeners']} listeners: "
        f"metrics.json, table.tex and report.html are in {out}"
    )


def settle(context: Context, source: Store) -> Comparison:
    """Everything that is learnt and chosen, from days before the test."""
    settings = context.settings.compare
    split = make_split(context, source)
    names = methods_that_can(context, settings.methods or list(METHODS), listeners=split.listeners)
    if not names:
        raise UsageError("no method is left to compare: choose others in compare.methods")
    days = days_to_learn_from(context, split.test)
    _learn(context, names, days, split.test)
    scale = scale_of(context, days, count_column(context)) if "als_pps" in names else None
    options, tuned = tune(context, days, names, scale=scale)
    nightly = settings.protocol == "nightly"
    horizon: Horizon = settings.night_horizon_days if nightly else "to_end"
    return Comparison(split, days, names, options, tuned, scale, horizon)


def _learn(context: Context, names: list[str], days: Days, as_of: datetime) -> None:
    """What the methods need of the past: features, and for some of them factors and a ranker."""
    build_checkpoints(context, last=as_of)
    if not _needs_models(names):
        build_features(context, days.stopping)
        return
    for day in days.all:
        build_features(context, day)
        train_als(context, day)
    for day in days.all:
        build_samples(context, day, days)
    if RANKER in names:
        train_ranker(context, as_of, days)


def _needs_models(names: list[str]) -> bool:
    """Whether any of the methods needs factors or candidates."""
    return any(name in (RANKER, "als", "als_pps") or name.startswith("sub_item") for name in names)


def prepare_night(context: Context, as_of: datetime, settled: Comparison) -> None:
    """The tables as of the test's border, or of one of its nights."""
    build_features(context, as_of)
    if not _needs_models(settled.methods):
        return
    train_als(context, as_of)
    generate_candidates(context, as_of)
    if RANKER in settled.methods:
        recommend(context, as_of)


def judge_night(context: Context, as_of: datetime, settled: Comparison) -> None:
    """method_lists and evaluations of one as-of instant."""
    store = context.store
    with context.step("list_methods", as_of):
        day = open_day(context, as_of)
        day.slope = settled.scale.slope if settled.scale else 1.0
        wanted = {name: (settled.options[name],) for name in settled.methods}
        lists = lists_of_methods(day, wanted, length=context.settings.compare.stored)
        named = lists.withColumn("method", F.split("method", "@")[0])  # the option is settled
        store.replace("method_lists", named, as_of=as_of)
    with context.step("evaluate", as_of):
        asked = test_truth(context, as_of, horizon=settled.horizon).persist()
        stored = store.read("method_lists", as_of=as_of).drop("as_of")
        write_evaluations(context, as_of, stored, asked, settled.methods, horizon=settled.horizon)
        asked.unpersist()
