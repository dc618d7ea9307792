"""PPS within a sequence, from the items at or before each position.

Sigmoid models learn, at every position t of a listener's window, to tell the next item from others.
The logit that is added there counts the items at positions <= t, never the target itself. All work
is bounded by the window, whatever the length of the history.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from ritornello.arrays import Floats64, Ints64
from ritornello.popularity.scores import EPS

WINDOW = 150
POSITIONS = "user_id int, position int, item_id int, seen int, sigmoid_logit double, bonus double"


def counts_at_positions(sequence: Ints64, queries: Ints64) -> Ints64:
    """Count how often ``queries[t, k]`` occurs in ``sequence[: t + 1]``.

    Both belong to one listener. ``sequence`` (length L) is oldest first. ``queries`` is L x K: the
    items at each position whose logits are needed (the target and the negatives).
    """
    length = len(sequence)
    seen = sequence[None, :, None] == queries[:, None, :]
    past = np.tril(np.ones((length, length), dtype=bool))[:, :, None]
    counts: Ints64 = (seen & past).sum(axis=1)
    return counts


def logits_at_positions(
    sequence: Ints64, queries: Ints64, *, items: int, eps: float = EPS
) -> Floats64:
    """Compute the sigmoid logit of every query at every position, L x K.

    ``items`` is the number of items N, at least 2.
    """
    counts = counts_at_positions(sequence, queries).astype(np.float64)
    totals = np.arange(1.0, len(sequence) + 1)[:, None]
    logits: Floats64 = np.log(counts + eps) - np.log(totals - counts + (items - 1) * eps)
    return logits


def next_items(
    histories: DataFrame, *, items: int, window: int = WINDOW, eps: float = EPS
) -> DataFrame:
    """One row per position t (from 1), with the item played next.

    Positions are those of the listener's last ``window`` plays. ``item_id`` is the play at t + 1,
    ``seen`` how often it occurs at positions <= t, ``sigmoid_logit`` and ``bonus`` what PPS adds to
    it. The last play is only a target, so a single play gives no row. ``histories`` holds plays
    newest first.
    """

    def positions(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for row in range(batch.num_rows):
                newest = batch.column("item_ids")[row].values.to_numpy(zero_copy_only=False)
                plays = newest[:window][::-1].astype(np.int64)
                yield _rows(batch.column("user_id")[row].as_py(), plays, items, eps)

    return histories.select("user_id", "item_ids").mapInArrow(positions, POSITIONS)


def _rows(user: int, plays: Ints64, items: int, eps: float) -> pa.RecordBatch:
    past, targets = plays[:-1], plays[1:, None]
    counts = counts_at_positions(past, targets)[:, 0]
    logits = logits_at_positions(past, targets, items=items, eps=eps)[:, 0]
    steps = np.arange(1, len(past) + 1)
    floor = np.log(eps) - np.log(steps + (items - 1) * eps)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.full(len(past), user, np.int32)),
            pa.array(steps.astype(np.int32)),
            pa.array(plays[1:].astype(np.int32)),
            pa.array(counts.astype(np.int32)),
            pa.array(logits),
            pa.array(logits - floor),
        ],
        names=["user_id", "position", "item_id", "seen", "sigmoid_logit", "bonus"],
    )
