"""Build candidate rows and lists of all listeners.

The pure functions run where the rows are. Listeners go to Python in buckets of some hundreds, so
that a batch fits in memory and its scores are computed at once. The result does not depend on the
number of buckets.
"""

from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.playlists.choose import choose
from ritornello.playlists.moments import MOMENTS, Moment
from ritornello.playlists.scores import score_candidates
from ritornello.settings.playlists import PlaylistSettings

Batch = Callable[[pd.DataFrame], pd.DataFrame]
SCORES = "base double, tempo_sim double, valence_sim double, final double"
# pandas has no missing integer: these travel as doubles
NULLABLE_INTS = ("artist_id", "key", "mode")
CHOSEN = (
    "moment string, user_id int, rank int, track_id int, artist_id double, recording_id int, "
    "score double, reason string, is_repeat boolean, source string, last_played_at timestamp, "
    "tempo double, valence double, energy double, key double, mode double"
)


def candidate_rows(
    proposed: DataFrame, facts: DataFrame, songs: DataFrame, tastes: DataFrame, listed: DataFrame
) -> DataFrame:
    """One row per (listener, track) with everything scores, limits and reasons need.

    ``facts`` has one row per track; ``songs`` has what the listener heard, by recording; ``listed``
    has the moments of earlier lists. A listener without a taste has nulls there.
    """
    song = ["user_id", "recording_id"]
    plays = F.coalesce("plays", F.lit(0)).cast("bigint")
    nothing = F.array().cast("array<string>")
    return (
        proposed.join(facts, "track_id", how="inner")
        .join(songs, song, how="left")
        .join(tastes, "user_id", how="left")
        .join(listed, song, how="left")
        .withColumns(
            {
                "plays": plays,
                "is_repeat": plays > 0,
                "listed_moments": F.coalesce("listed_moments", nothing),
            }
        )
    )


def scored_rows(rows: DataFrame, *, settings: PlaylistSettings, buckets: int) -> DataFrame:
    """Score the rows and keep the best of each kind.

    The scores are base, tempo_sim, valence_sim and final.
    """
    travelling = _as_doubles(rows)
    schema = ", ".join(f"{f.name} {f.dataType.simpleString()}" for f in travelling.schema.fields)
    scored = _by_bucket(travelling, _scoring(settings), f"{schema}, {SCORES}", buckets)
    return _as_ints(scored)


def chosen_rows(
    candidates: DataFrame,
    *,
    moments: Sequence[Moment],
    settings: PlaylistSettings,
    day: date,
    buckets: int,
) -> DataFrame:
    """One row per place of a listener's list for each moment."""
    batch = _choosing(list(moments), settings, day)
    return _as_ints(_by_bucket(_as_doubles(candidates), batch, CHOSEN, buckets))


def best_of_each_kind(scored: pd.DataFrame, *, limit: int) -> pd.DataFrame:
    """Keep each listener's best repeats and best new tracks by ``final``.

    Equal scores go to the smaller track id.
    """
    best_first = scored.sort_values(["final", "track_id"], ascending=[False, True])
    return best_first[best_first.groupby(["user_id", "is_repeat"]).cumcount() < limit]


def _scoring(settings: PlaylistSettings) -> Batch:
    def batch(rows: pd.DataFrame) -> pd.DataFrame:
        scored = score_candidates(rows, moment=MOMENTS["default"], settings=settings)
        best = best_of_each_kind(scored, limit=settings.candidates_per_kind)
        return best.drop(columns=["moment_score", "_bucket"])

    return batch


def _choosing(moments: list[Moment], settings: PlaylistSettings, day: date) -> Batch:
    names = [column.split()[0] for column in CHOSEN.split(", ")]

    def batch(rows: pd.DataFrame) -> pd.DataFrame:
        lists = [
            choose(
                rows,
                moment=moment,
                settings=settings,
                length=settings.length,
                day=day,
                seed=settings.seed,
            ).assign(moment=moment.name)
            for moment in moments
        ]
        return pd.concat(lists, ignore_index=True)[names]

    return batch


def _by_bucket(rows: DataFrame, batch: Batch, schema: str, buckets: int) -> DataFrame:
    bucket = F.pmod(F.xxhash64("user_id"), F.lit(buckets)).cast("int")
    return rows.withColumn("_bucket", bucket).groupBy("_bucket").applyInPandas(batch, schema)


def _cast(rows: DataFrame, to: str) -> dict[str, Column]:
    return {name: F.col(name).cast(to) for name in NULLABLE_INTS if name in rows.columns}


def _as_doubles(rows: DataFrame) -> DataFrame:
    return rows.withColumns(_cast(rows, "double"))


def _as_ints(rows: DataFrame) -> DataFrame:
    return rows.withColumns(_cast(rows, "int"))
