"""Decide which ranker serves tonight and which stays in the shadow."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.job import Context
from ritornello.night.lists.registry import ranker_of
from ritornello.ranking.columns import FEATURES

SHADOW = "recommend_in_shadow"


@dataclass(frozen=True)
class Rankers:
    """The ranker version that serves a night, and its shadow.

    ``shadow`` is None if no version is in the shadow."""

    serving: str
    shadow: str | None = None


def rankers_of(context: Context, as_of: datetime, newest: str) -> Rankers:
    """Decide which version of the ranker serves tonight.

    ``newest`` stays in the shadow until it may serve. A ranker may serve if it has served before, or
    after `night.shadow_nights` nights in the shadow without a failed check. If none has ever served,
    the newest does.
    """
    nights = context.settings.night.shadow_nights
    if not nights:
        return Rankers(newest)
    served = _versions_that_served(context, as_of)
    if not served or newest in served or _nights_passed(context, as_of, newest) >= nights:
        return Rankers(newest)
    known = context.store.read("models", model="ranker").where(F.col("as_of") <= F.lit(as_of))
    rows = known.select("version", "features").orderBy(F.desc("as_of"), "version").collect()
    fit = [row["version"] for row in rows if tuple(row["features"]) == FEATURES]
    earlier = next((version for version in fit if version in served), None)
    return Rankers(newest) if earlier is None else Rankers(earlier, newest)


def shadow_of(context: Context, as_of: datetime) -> str | None:
    """Return the version in the shadow of the night, or None.

    It is the newest ranker, if that may not serve yet.
    """
    if not context.settings.night.shadow_nights:
        return None
    known = context.store.read("models", model="ranker").where(F.col("as_of") <= F.lit(as_of))
    newest = known.select("version").orderBy(F.desc("as_of"), "version").first()
    return rankers_of(context, as_of, newest["version"]).shadow if newest else None


def shadow_step_of(version: str) -> str:
    """Return the step name in `checks` for a version in the shadow."""
    return f"{SHADOW} {version}"


def _versions_that_served(context: Context, as_of: datetime) -> set[str]:
    """Return the versions that ranked a night before this one."""
    store = context.store
    if not (store.exists("runs") and store.exists("models")):
        return set()
    known = store.read("models", model="ranker").select("version").collect()
    names = {str(ranker_of(row["version"])): row["version"] for row in known}
    ran = (
        _before(store.read_mine("runs"), as_of)
        .where("step = 'recommend' AND outcome = 'ok'")
        .select(F.explode(F.map_keys("inputs")).alias("input"))
        .where(F.col("input").isin(list(names)))
        .distinct()
    )
    return {names[row["input"]] for row in ran.collect()}


def _nights_passed(context: Context, as_of: datetime, version: str) -> int:
    """Count the version's earlier nights in the shadow without a failed check."""
    if not context.store.exists("checks"):
        return 0
    checks = _before(context.store.read_mine("checks"), as_of)
    newest = (
        checks.where(F.col("step") == shadow_step_of(version))
        .groupBy("as_of", "check")
        .agg(F.max_by("outcome", "checked_at").alias("outcome"))
    )
    failed = F.max((F.col("outcome") == "error").cast("int")).alias("failed")
    return newest.groupBy("as_of").agg(failed).where("failed = 0").count()


def _before(rows: DataFrame, as_of: datetime) -> DataFrame:
    """Keep the rows of earlier nights."""
    return rows.where(F.col("as_of") < F.lit(as_of))
