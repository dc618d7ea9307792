"""Assemble the state of listening from monthly checkpoints.

A checkpoint counts one month alone. So a night writes none, the end of a month writes only that
month, and a late play re-opens only its own month in its listener's bucket. The state as of an
instant is the checkpoints before it ⊕ the plays of its month, for any instant and any choice of
listeners, without a stored slice.
"""

from collections.abc import Callable
from datetime import datetime

from pyspark.sql import DataFrame

from ritornello.as_of import before, between
from ritornello.features.history import histories, with_last_plays
from ritornello.features.narrow import narrowed
from ritornello.features.states import PAIR, STATE, folded, pair_state
from ritornello.instants import month_start
from ritornello.job import Context
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.months import CHECKPOINTS, counted_months

Choice = Callable[[DataFrame], DataFrame]


def everyone(rows: DataFrame) -> DataFrame:
    """Choose all listeners."""
    return rows


def only(listeners: DataFrame) -> Choice:
    """Choose these listeners (user_id) before the shuffle."""
    return lambda rows: narrowed(rows, listeners, on=["user_id"]).join(
        listeners, "user_id", "left_semi"
    )


def pair_rows(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """Return ``pair_history`` as of an instant.

    It is read from the slice of a whole night, else assembled now.
    """
    if context.store.has("pair_history", as_of=as_of):
        return of(context.store.read("pair_history", as_of=as_of)).drop("as_of")
    return pairs_as_of(context, as_of, of=of).localCheckpoint()


def history_rows(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """Return ``histories`` as of an instant.

    They are read from the slice of a whole night, else assembled now.
    """
    if context.store.has("histories", as_of=as_of):
        return of(context.store.read("histories", as_of=as_of)).drop("as_of")
    return histories_as_of(context, as_of, of=of)


def pairs_as_of(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """Assemble ``pair_history`` as of an instant for a choice of listeners.

    The result has no ``as_of``. The choice is made before anything is shuffled.
    ``build_checkpoints`` must have run.
    """
    state = pair_states(context, as_of, of=of)
    return with_last_plays(state, histories_as_of(context, as_of, of=of))


def pair_states(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """One row per (listener, item) played before the instant.

    It combines the checkpoints ⊕ the plays since.
    """
    month = month_start(as_of)
    months = counted_months(context, CHECKPOINTS, before=month).select(*PAIR, *STATE)
    tail = pair_state(of(between(plays_of_kind(context), month, as_of)), valued_at=as_of)
    return folded(of(months).unionByName(tail), valued_at=as_of)


def histories_as_of(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """Assemble ``histories`` as of an instant for a choice of listeners.

    The result has no ``as_of``.
    """
    plays = of(before(plays_of_kind(context), as_of))
    return histories(plays, length=context.settings.features.history_length)
