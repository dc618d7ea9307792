"""The steps that keep a warehouse's state: recordings, months, features and sums.

They are listed like the other steps of a night (steps.py).
"""

from datetime import datetime

from ritornello.instants import month_start
from ritornello.job import Context
from ritornello.night.graph import Step
from ritornello.night.state.base import SUMS, Base
from ritornello.night.state.bring_forward import bring_forward
from ritornello.night.state.build_features import build_features
from ritornello.night.state.months import count_months
from ritornello.night.state.unite import unite_tracks
from ritornello.night.step_slices import (
    FEATURE_TABLES,
    NAMES,
    RECORDINGS,
    TRACKS,
    checkpoints_before,
    day_of,
    plays_before,
    state_before,
)


def sums_step(context: Context, as_of: datetime, base: Base) -> Step:
    return Step(
        "bring_forward",
        as_of,
        reads=(*state_before(as_of), *day_of(base.as_of, *SUMS)),
        writes=day_of(as_of, *SUMS),
        settings=("features", "catalogue"),
        run=lambda: bring_forward(context, as_of),
    )


def unite_step(context: Context, as_of: datetime) -> Step:
    """Return the step that unites tracks which are versions of one recording.

    It depends on facts of tracks alone, so it runs once a month unless these change.
    """
    return Step(
        "unite_tracks",
        month_start(as_of),
        reads=NAMES,
        writes=(RECORDINGS,),
        settings=("catalogue",),
        run=lambda: unite_tracks(context),
    )


def checkpoint_step(context: Context, as_of: datetime) -> Step:
    """Return the step that counts earlier months.

    Each month is counted once.
    """
    month = month_start(as_of)
    return Step(
        "pair_checkpoints",
        month,
        reads=(plays_before(month), TRACKS, RECORDINGS),
        writes=(checkpoints_before(as_of),),
        settings=("features", "catalogue"),
        run=lambda: count_months(context, as_of),
    )


def features_step(context: Context, as_of: datetime) -> Step:
    return Step(
        "build_features",
        as_of,
        reads=state_before(as_of),
        writes=day_of(as_of, *FEATURE_TABLES),
        settings=("features", "catalogue"),
        run=lambda: build_features(context, as_of),
    )
