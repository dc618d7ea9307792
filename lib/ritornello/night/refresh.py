"""Run a night, from plays to published lists.

Its steps are data, and those that are up to date are skipped.
"""

from datetime import datetime, timedelta

from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.lease import lease
from ritornello.night.default_instant import check_instants
from ritornello.night.graph import Done, run_steps
from ritornello.night.judging.evaluate import print_report
from ritornello.night.lists.train_ranker import days_if_any
from ritornello.night.paths import (
    learning_steps,
    steps_of_night,
    steps_to_lists,
)
from ritornello.night.plan import plan_steps, print_plan
from ritornello.night.publication.served import served_night
from ritornello.night.publication.volume import check_volume
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.steps import evaluate_step
from ritornello.tables.slices import part

DAY = timedelta(days=1)


def refresh(context: Context, as_of: datetime, *, take_over: bool = False) -> str:
    """Build, publish and evaluate the lists as of an instant.

    Features, models and candidates are built first, as far as they are not up to date.
    """
    check_instants(context, as_of)
    with lease(context, "refresh", as_of, take_over=take_over) as own_lease:
        limit_rows(context)
        check_volume(context, as_of)
        done = run_steps(context, steps_of_night(context, as_of), heartbeat=own_lease.still_here)
        if not played_since(context, as_of):
            return (
                f"{_summary(context, done, as_of)}; nothing was played since to judge the lists by"
            )
        judged = run_steps(context, [evaluate_step(context, as_of)])
    if judged.results:
        return print_report(context, judged.results[0])
    done.skipped.extend(judged.skipped)
    return _summary(context, done, as_of)


def _summary(context: Context, done: Done, as_of: datetime) -> str:
    if not done.ran:
        return f"nothing to do: all {len(done.skipped)} steps as of {iso(as_of)} are up to date"
    served = served_night(context.store)
    what = "served" if served and served.as_of == as_of else "written"
    return (
        f"lists as of {iso(as_of)} are {what}: "
        f"{len(done.ran)} steps ran, {len(done.skipped)} were up to date"
    )


def plan(context: Context, as_of: datetime) -> str:
    """Print what refresh would run as of an instant, and why.

    Nothing is written.
    """
    check_instants(context, as_of)
    steps = steps_of_night(context, as_of)
    if played_since(context, as_of):
        steps.append(evaluate_step(context, as_of))
    return print_plan(context, plan_steps(context, steps))


def backfill(context: Context, first: datetime, last: datetime, *, take_over: bool = False) -> str:
    """Fill in the nights from ``first`` to ``last``, one per day.

    Their lists are judged but not published.
    """
    nights = ran = 0
    check_instants(context, first, last)
    as_of = first
    while as_of <= last:
        with lease(context, "refresh", as_of, take_over=take_over) as own_lease:
            limit_rows(context)
            steps = steps_to_lists(context, as_of)
            if played_since(context, as_of):
                steps.append(evaluate_step(context, as_of))
            ran += len(run_steps(context, steps, heartbeat=own_lease.still_here).ran)
        nights, as_of = nights + 1, as_of + DAY
    return f"{nights} nights are filled in ({ran} steps ran); what is served has not changed"


def learn(context: Context, as_of: datetime, *, again: bool = False) -> str:
    """Train the ranker as of an instant, after preparing its past days.

    With ``again``, steps that are up to date run as well.
    """
    check_instants(context, as_of)
    days = days_if_any(context, as_of)
    run_steps(context, learning_steps(context, as_of, days), again=again)
    return f"a ranker as of {iso(as_of)} is in the registry"


def limit_rows(context: Context) -> None:
    """Limit the rows that one task may write from now on.

    The limit is four times its fair share of the budget.
    """
    settings = context.settings.night
    plays = sum(file.rows for file in context.store.files(part("plays")))
    budget = max(settings.least_row_budget, int(settings.rows_per_play * plays))
    tasks = context.spark.sparkContext.defaultParallelism
    context.store.row_budget = max(settings.least_row_budget, 4 * budget // tasks)


def played_since(context: Context, as_of: datetime) -> bool:
    """Return whether the warehouse has a play at or after the instant."""
    later = plays_of_kind(context).where(F.col("played_at") >= instant(as_of))
    return not later.isEmpty()
