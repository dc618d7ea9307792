"""compare: any set of methods on one data set.

The data set is split by a published protocol or night by night. The split is a warehouse of its
own. Everything in it is derived as in a night, so a method of a comparison sees exactly what it
would see when it serves.
"""

from datetime import datetime
from pathlib import Path

from pyspark.sql import functions as F

from ritornello.job import Context
from ritornello.methods.definitions import RANKER
from ritornello.night.graph import run_step
from ritornello.night.judging.day import open_day
from ritornello.night.judging.evaluate import (
    test_truth,
    write_evaluations,
)
from ritornello.night.judging.lists import lists_of_methods
from ritornello.night.judging.metrics_report import print_table
from ritornello.night.state_steps import features_step
from ritornello.night.steps import als_step, candidates_step, recommend_step
from ritornello.study.results import results_of, write_results
from ritornello.study.settled import Settled, needs_models, settle
from ritornello.tables.store import Store


def compare_methods(context: Context, source: Store, out: Path, *, data: str) -> str:
    """Split, learn, tune, list, judge and report.

    ``data`` names the data set in the report.
    """
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


def prepare_night(context: Context, as_of: datetime, settled: Settled) -> None:
    """Write the tables as of the test's border or one of its nights."""
    run_step(context, features_step(context, as_of))
    if not needs_models(settled.methods):
        return
    run_step(context, als_step(context, as_of))
    run_step(context, candidates_step(context, as_of))
    if RANKER in settled.methods:
        run_step(context, recommend_step(context, as_of))


def judge_night(context: Context, as_of: datetime, settled: Settled) -> None:
    """Write method_lists and evaluations of one as-of instant."""
    store = context.store
    with context.step("list_methods", as_of):
        day = open_day(context, as_of)
        day.slope = settled.scale.slope if settled.scale else 1.0
        methods = {name: (settled.options[name],) for name in settled.methods}
        lists = lists_of_methods(day, methods, length=context.settings.compare.stored)
        named = lists.withColumn("method", F.split("method", "@")[0])  # the option is settled
        store.replace("method_lists", named, as_of=as_of)
    with context.step("evaluate", as_of):
        truth = test_truth(context, as_of, horizon=settled.horizon).persist()
        stored = store.read("method_lists", as_of=as_of).drop("as_of")
        write_evaluations(context, as_of, stored, truth, settled.methods, horizon=settled.horizon)
        truth.unpersist()
