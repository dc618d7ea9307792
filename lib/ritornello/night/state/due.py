"""Choose the listeners of a short night.

They are those who played, skipped, liked or disliked, and a seventh of the rest. The others keep
their lists. A short night goes on from an earlier night, its base, that was ranked by the same ranker
on the factors of the same fit. What did not change for a listener is not computed again. Everybody
has a turn within seven nights, and a night that trains a ranker or fits factors is a whole one.
"""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import between
from ritornello.intake.changes import late_listeners
from ritornello.job import Context
from ritornello.night.state.base import TURNS, Base
from ritornello.night.state.listened import events_of_kind


def listeners_due(context: Context, base: Base, as_of: datetime) -> DataFrame:
    """One row per listener (user_id) whose lists are computed again.

    They played, skipped, liked or disliked something since the base, or their stored plays before the
    instant changed since, or their turn came on one of the days since.
    """
    everybody = context.store.read("user_profile", as_of=as_of).select("user_id")
    turn = F.pmod(F.xxhash64("user_id"), F.lit(TURNS))
    days = range(base.as_of.toordinal() + 1, as_of.toordinal() + 1)
    their_turn = everybody.where(turn.isin([day % TURNS for day in days]))
    played = between(events_of_kind(context), base.as_of, as_of).select("user_id")
    changed = late_listeners(context.store, version=base.plays_version, before=as_of)
    due = played.unionByName(changed).unionByName(their_turn).distinct()
    return due.join(everybody, on="user_id", how="left_semi")


def carried_rows(context: Context, table: str, base: Base, due: DataFrame) -> DataFrame:
    """Read the base's rows of everybody who is not due, without as_of."""
    rows = context.store.read(table, as_of=base.as_of).drop("as_of")
    return rows.join(due, on="user_id", how="left_anti")
