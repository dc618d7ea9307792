"""Commands of the night, one per step, and refresh, which runs them all."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from ritornello.commands.inputs import ANY_FORMAT, check_place, format_of
from ritornello.commands.launch import derive, run
from ritornello.commands.options import (
    HORIZON,
    INPUT_KIND,
    INSTANT,
    RECEIVED_UNTIL,
    TAKE_OVER,
    Common,
    as_of_option,
    settings_options,
    with_horizon,
)
from ritornello.instants import iso

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("build-features")
@settings_options
@click.option(
    "--recount", is_flag=True, help="Count every month of plays again, to replace a damaged file."
)
@as_of_option
def features_command(as_of: datetime, recount: bool, common: Common) -> int:
    """Build histories, item statistics and profiles."""

    def body(context: "Context") -> str:
        from ritornello.night.default_instant import check_instants
        from ritornello.night.graph import run_step
        from ritornello.night.state.months import forget_months
        from ritornello.night.state_steps import features_step, unite_step

        check_instants(context, as_of)
        if recount:
            with context.step("forget_months"):
                forget_months(context)
        for step in (unite_step(context, as_of), features_step(context, as_of)):
            run_step(context, step)
        return f"build-features as of {iso(as_of)} is done"

    return run("build-features", common, body)


@click.command("train-als")
@settings_options
@as_of_option
def als_command(as_of: datetime, common: Common) -> int:
    """Fit ALS factors. Run build-features first."""

    def step() -> Any:
        from ritornello.night.steps import als_step

        return als_step

    return derive("train-als", common, as_of, step)


@click.command("generate-candidates")
@settings_options
@as_of_option
def candidates_command(as_of: datetime, common: Common) -> int:
    """Propose candidates. Run train-als first."""

    def step() -> Any:
        from ritornello.night.steps import candidates_step

        return candidates_step

    return derive("generate-candidates", common, as_of, step)


@click.command("train-ranker")
@settings_options
@click.option(
    "--again", is_flag=True, help="Run steps that are up to date too, to replace a damaged file."
)
@as_of_option
def ranker_command(as_of: datetime, again: bool, common: Common) -> int:
    """Train the ranker on past days.

    The features of those days are built on the way.
    """

    def body(context: "Context") -> str:
        from ritornello.night.refresh import learn

        return learn(context, as_of, again=again)

    return run("train-ranker", common, body)


def recommend_everyone(common: Common, as_of: datetime) -> int:
    """Rank lists for every listener.

    The command `recommend` is in listener.py.
    """

    def step() -> Any:
        from ritornello.night.steps import recommend_step

        return recommend_step

    return derive("recommend", common, as_of, step)


@click.command("evaluate")
@settings_options
@HORIZON
@as_of_option
def evaluate_command(as_of: datetime, horizon: float | str | None, common: Common) -> int:
    """Judge lists and baselines by later plays."""

    def body(context: "Context") -> str:
        from ritornello.night.graph import run_step
        from ritornello.night.judging.evaluate import print_report
        from ritornello.night.steps import evaluate_step

        return print_report(context, run_step(context, evaluate_step(context, as_of)))

    return run("evaluate", with_horizon(common, horizon), body)


@click.command("refresh")
@settings_options
@HORIZON
@INPUT_KIND
@RECEIVED_UNTIL
@click.option(
    "--input",
    "folder",
    help="Folder, file or URI to import first: a delivery, or a listening log of any format.",
)
@ANY_FORMAT
@TAKE_OVER
@click.option(
    "--as-of",
    type=INSTANT,
    help="Use only plays before this day or instant, such as 2024-12-26T15:54:00Z or today "
    "(default with --input: the end of its plays less the horizon).",
)
def refresh_command(
    as_of: datetime | None,
    folder: str | None,
    data_format: str | None,
    take_over: bool,
    kind: str,
    received_until: datetime | None,
    horizon: float | str | None,
    common: Common,
) -> int:
    """Run a whole night in one session.

    It builds features, models, candidates and lists, audits the lists, publishes them and judges
    them. Steps whose inputs, settings and code did not change are skipped (`plan` shows which). If
    the lists fail the audit, the exit code is 4 and the lists served before stay.

    A listening log is converted first, and its delivery is kept in the warehouse while the log's
    files stay the same.
    """
    if as_of is None and folder is None:
        raise click.UsageError("give --as-of, or --input with the plays that decide it")
    common, known = with_horizon(common, horizon), "nested"
    if folder is not None:
        check_place(folder)
        known, common = format_of(folder, data_format, common)

    def body(context: "Context") -> str:
        from ritornello.intake.import_plays import import_plays
        from ritornello.intake.kept_delivery import delivery_of, kept_in
        from ritornello.night.default_instant import end_less_horizon
        from ritornello.night.refresh import refresh
        from ritornello.tables.writing import absolute

        if folder:
            place = kept_in(context.store.warehouse, absolute(folder), known)
            delivery = delivery_of(context, folder, data_format=known, kept=place)
            sentence = import_plays(
                context, folder=delivery, kind=kind, received_until=received_until
            )
            context.console.print(f"  {sentence}", highlight=False)
        night = as_of or end_less_horizon(context)
        return refresh(context, night, take_over=take_over)

    return run("refresh", common, body, inputs=[folder] if folder else ())
