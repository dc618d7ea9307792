"""Proposals of all sources, one row per listener and item."""

from collections.abc import Mapping

import numpy as np

from ritornello.arrays import Flags
from ritornello.shelves.rows import Rows
from ritornello.tables.contracts import CANDIDATE_SOURCES


def union_of(proposals: Mapping[str, Rows]) -> Rows:
    """One row per proposed listener and item, with every source's score and rank.

    ``proposals`` are by source. Columns are ``<source>_score`` and ``<source>_rank``, both NaN where
    the source did not propose the item.
    """
    keys = {name: rows.keys for name, rows in proposals.items()}
    every = np.unique(np.concatenate([np.zeros(0, np.int64), *keys.values()]))
    columns = {}
    for source in CANDIDATE_SOURCES:
        for name in ("score", "rank"):
            values = np.full(len(every), np.nan)
            if source in proposals:
                values[np.searchsorted(every, keys[source])] = proposals[source][name]
            columns[f"{source}_{name}"] = values
    return Rows(every >> 32, (every & 0xFFFFFFFF).astype(np.int32), columns)


def are_repeats(candidates: Rows) -> Flags:
    """Return whether the listener played the item before.

    Only own_history proposes played items.
    """
    return ~np.isnan(candidates["own_history_rank"])
