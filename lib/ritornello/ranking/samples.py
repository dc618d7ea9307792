"""Samples for the ranker: candidates of past days, labelled by later plays."""

from datetime import datetime

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Ints32, Ints64
from ritornello.shelves.rows import Rows

HASH_RANGE = 1 << 20


def sampled(df: DataFrame, *, share: float, seed: int) -> DataFrame:
    """Keep the rows of a share of the listeners.

    Listeners are drawn by a hash of their id, so the draw is the same every time.
    """
    place = F.pmod(F.xxhash64("user_id", F.lit(seed)), F.lit(HASH_RANGE))
    return df.where(place < int(share * HASH_RANGE))


def labelled(candidates: Rows, later: Rows) -> tuple[Rows, Ints32]:
    """Label candidates with 1 if they are among the later plays, else with 0.

    Listeners without a positive among their candidates teach a ranker nothing and are left out.
    """
    label = later.has(candidates.keys).astype(np.int32)
    teaches = np.isin(candidates.owner, candidates.owner[label == 1])
    return candidates.where(teaches), label[teaches]


def group_ids(users: Ints32, as_of: datetime) -> Ints64:
    """Return the group of each listener's samples on a day: one number for both."""
    groups: Ints64 = (users.astype(np.int64) << 32) | int(as_of.timestamp())
    return groups
