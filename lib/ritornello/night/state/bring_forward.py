"""Bring the sums over listeners and items forward from an earlier day.

Shuffle and write cost grows with the new plays, the items and the listeners, not with history. Past
plays are only scanned, to see how often a pair that was played now was played before.
"""

from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, between, instant
from ritornello.features.changes import pair_changes
from ritornello.features.items import item_stats_forward
from ritornello.features.profile import user_profile, user_profile_forward
from ritornello.features.states import PAIR
from ritornello.instants import month_start
from ritornello.intake.changes import late_listeners
from ritornello.job import Context
from ritornello.night.state.base import Base, base_of_sums
from ritornello.night.state.build_features import write_sums
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.months import (
    CHECKPOINTS,
    count_months,
    counted_months,
)
from ritornello.night.state.pairs import only, pair_states
from ritornello.scratch import Scratch, scratch


def bring_forward(context: Context, as_of: datetime) -> None:
    """Write item_stats and user_profile as of an instant.

    They are brought forward from an earlier day's, else computed from scratch. Any slices of
    pair_history and histories that a whole night left are removed, because they are assembled on
    demand.
    """
    count_months(context, as_of)
    with scratch() as scratchpad:
        for table in ("pair_history", "histories"):
            if context.store.has(table, as_of=as_of):
                context.store.replace(table, context.store.read(table).limit(0), as_of=as_of)
        base = base_of_sums(context, as_of)
        if base is None:
            write_sums(context, scratchpad.keep(pair_states(context, as_of)), as_of)
        else:
            _forward(context, base, as_of, scratchpad)


def _forward(context: Context, base: Base, as_of: datetime, scratchpad: Scratch) -> None:
    store, days = context.store, context.settings.features.rhythm_days
    late = scratchpad.keep(late_listeners(store, version=base.plays_version, before=base.as_of))
    added = scratchpad.keep(_added(context, base, as_of, late))
    changes = scratchpad.keep(pair_changes(added, _counted(context, as_of), as_of=as_of))
    plays_version, valued_at = store.versions_read["plays"], instant(base.as_of)
    items = store.read("item_stats", as_of=base.as_of).withColumn("valued_at", valued_at)
    forward = item_stats_forward(items, changes, as_of=as_of)
    version = F.lit(plays_version).cast("bigint")
    store.replace("item_stats", forward.withColumn("plays_version", version), as_of=as_of)

    earlier = store.read("user_profile", as_of=base.as_of).withColumn("valued_at", valued_at)
    parts = (earlier, changes, _into_and_out_of_window(context, base, as_of))
    if late.isEmpty():
        profile = user_profile_forward(*parts, as_of=as_of)
    else:
        others = (df.join(late, "user_id", "left_anti") for df in parts)
        profile = user_profile_forward(*others, as_of=as_of)
        profile = profile.unionByName(_profiles_anew(context, late, as_of))
    lineage = {"plays_version": version, "rhythm_days": F.lit(days)}
    store.replace("user_profile", profile.withColumns(lineage), as_of=as_of)


def _added(context: Context, base: Base, as_of: datetime, late: DataFrame) -> DataFrame:
    """Return the plays before ``as_of`` that the base did not count.

    They are the newer plays and the late ones.
    """
    now = plays_of_kind(context)
    newer = between(now, base.as_of, as_of)
    if late.isEmpty():
        return newer
    then = plays_of_kind(context, version=base.plays_version)
    known, current = (only(late)(before(plays, base.as_of)) for plays in (then, now))
    return newer.unionByName(current.exceptAll(known.select(*current.columns)))


def _counted(context: Context, as_of: datetime) -> DataFrame:
    """One row per pair and counted month, and one per later play.

    ``plays`` counts the pair's plays before the instant.
    """
    month = month_start(as_of)
    months = counted_months(context, CHECKPOINTS, before=month).select(*PAIR, "plays")
    tail = between(plays_of_kind(context), month, as_of).select(*PAIR, F.lit(1).alias("plays"))
    return months.unionByName(tail)


def _into_and_out_of_window(context: Context, base: Base, as_of: datetime) -> DataFrame:
    """One row per play that entered or left the rhythm's window.

    ``sign`` is 1 for plays that the rhythm as of ``as_of`` counts and the base's did not, and -1 for
    the reverse.
    """
    window = timedelta(days=context.settings.features.rhythm_days)
    plays = plays_of_kind(context)
    entering = between(plays, max(base.as_of, as_of - window), as_of)
    leaving = between(plays, base.as_of - window, min(base.as_of, as_of - window))
    return entering.withColumn("sign", F.lit(1)).unionByName(leaving.withColumn("sign", F.lit(-1)))


def _profiles_anew(context: Context, late: DataFrame, as_of: datetime) -> DataFrame:
    """Compute the profiles of listeners with late plays from scratch."""
    of, days = only(late), context.settings.features.rhythm_days
    plays = of(before(plays_of_kind(context), as_of))
    pairs = pair_states(context, as_of, of=of)
    return user_profile(pairs, plays, as_of=as_of, rhythm_days=days)
