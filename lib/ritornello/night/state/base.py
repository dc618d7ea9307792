"""Choose the earlier night that a night can go on from.

It may be another one for its sums than for its lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyspark.errors import AnalysisException

from ritornello.intake.changes import are_noted, only_added
from ritornello.job import Context
from ritornello.tables.upkeep import slices_of

SUMS = ("item_stats", "user_profile")
TURNS = 7  # every listener is due once within this many nights
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Base:
    """An earlier instant to go on from.

    ``plays_version`` is the version of `plays` that was counted then.
    """

    as_of: datetime
    plays_version: int


def base_of_sums(context: Context, as_of: datetime) -> Base | None:
    """Return the newest earlier day with both sums, or None.

    None also if plays before that day were removed or corrected since, if the rhythm window has
    changed, or if the version of ``plays`` that was counted is gone.
    """
    store = context.store
    items_days, users_days = (set(slices_of(store, table)) for table in SUMS)
    past = [day for day in items_days & users_days if day < as_of]
    if not past or not are_noted(store):
        return None
    day = max(past)
    items = store.read("item_stats", as_of=day).select("plays_version").first()
    users = store.read("user_profile", as_of=day).select("plays_version", "rhythm_days").first()
    if items is None or users is None or items["plays_version"] != users["plays_version"]:
        return None
    version = int(items["plays_version"])
    same_window = users["rhythm_days"] == context.settings.features.rhythm_days
    if not same_window or not only_added(store, version=version, before=day):
        return None
    return Base(day, version) if _can_be_read(context, version) else None


def _can_be_read(context: Context, version: int) -> bool:
    """Return whether that version of ``plays`` is still there.

    The log keeps it for a month.
    """
    try:
        context.store.read_version("plays", version)
    except AnalysisException:
        return False
    return True


def base_of_lists(context: Context, as_of: datetime, nights: Sequence[datetime]) -> Base | None:
    """Return the newest of these nights within seven days.

    None if there is none, or if later changes of plays are not noted.
    """
    store = context.store
    near = [night for night in nights if as_of - TURNS * DAY < night < as_of]
    if not near or not are_noted(store) or not store.has("user_profile", as_of=max(near)):
        return None
    profile = store.read("user_profile", as_of=max(near)).select("plays_version").first()
    if profile is None or profile["plays_version"] is None:
        return None
    return Base(max(near), int(profile["plays_version"]))
