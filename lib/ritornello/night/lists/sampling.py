"""Turn listeners of a past day into samples for the ranker."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from ritornello.night.lists.generate_candidates import Proposer
from ritornello.ranking.matrix import feature_matrix
from ritornello.ranking.samples import group_ids, labelled
from ritornello.shelves.batch import Part

SAMPLED = (
    "user_id int, item_id int, group_id bigint, label int, features array<float>, "
    "horizon_days double"
)


@dataclass(frozen=True)
class Sampling:
    """Candidates of a batch of listeners, with features and labels.

    ``horizon_days`` is the length of the horizon, whose plays come with the stream.
    """

    proposer: Proposer
    as_of: datetime
    horizon_days: float

    def __call__(self, rows: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        opened, known = self.proposer.open(), self.proposer.known
        for batch in known.batches(rows):
            candidates, familiar, _ = opened.propose(batch)
            candidates, label = labelled(candidates, batch.rows[Part.LATER])
            matrix = feature_matrix(
                candidates, batch, opened.catalogue, familiar, now=known.now, unknown=known.unknown
            )
            users, number = batch.users[candidates.owner], len(candidates)
            width = matrix.shape[1]
            starts = pa.array(np.arange(number + 1, dtype=np.int32) * width)
            yield pa.RecordBatch.from_pydict(
                {
                    "user_id": pa.array(users),
                    "item_id": pa.array(candidates.item),
                    "group_id": pa.array(group_ids(users, self.as_of)),
                    "label": pa.array(label),
                    "features": pa.ListArray.from_arrays(starts, pa.array(matrix.ravel())),
                    "horizon_days": pa.array(np.full(number, self.horizon_days)),
                }
            )
