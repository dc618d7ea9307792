"""Ranked lists: the best mixed, the best repeats, the best new items."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ritornello.arrays import Flags, Floats64, Ints64
from ritornello.candidates.union import are_repeats
from ritornello.shelves.rows import Rows, best_of
from ritornello.tables.contracts import CANDIDATE_SOURCES

NAMES = ("mixed", "repeats", "new")


@dataclass(frozen=True)
class Places:
    """Places of lists: which candidate stands where.

    ``list_`` is a place in NAMES, ``rank`` counts from 1, ``candidate`` is a row of the candidates.
    """

    list_: Ints64
    rank: Ints64
    candidate: Ints64


def ranked_lists(candidates: Rows, scores: Floats64, *, length: int) -> Places:
    """Rank the candidates of a batch into lists, listener by listener.

    Equal scores go to the smaller item id. The lists of repeats and of new items are cut after the
    restriction to their kind, so each holds ``length`` items if there are as many candidates.
    """
    repeats = are_repeats(candidates)
    parts = [
        _best(candidates, scores, np.ones(len(candidates), np.bool_), length),
        _best(candidates, scores, repeats, length),
        _best(candidates, scores, ~repeats, length),
    ]
    list_ = np.repeat(np.arange(len(parts)), [len(rank) for _, rank in parts])
    candidate = np.concatenate([at for at, _ in parts])
    rank = np.concatenate([rank for _, rank in parts])
    order = np.lexsort((rank, list_, candidates.owner[candidate]))
    return Places(list_[order], rank[order], candidate[order])


def _best(candidates: Rows, scores: Floats64, kept: Flags, length: int) -> tuple[Ints64, Ints64]:
    of_kind = np.flatnonzero(kept)
    at, rank = best_of(
        candidates.owner[of_kind], candidates.item[of_kind], scores[of_kind], limit=length
    )
    return of_kind[at], rank


def sources_of(candidates: Rows) -> pa.DictionaryArray:
    """Name the sources that proposed each candidate, joined by +."""
    proposed = [~np.isnan(candidates[f"{name}_rank"]) for name in CANDIDATE_SOURCES]
    code = sum((mask.astype(np.int32) << nth for nth, mask in enumerate(proposed)), np.int32(0))
    names = [
        "+".join(name for nth, name in enumerate(CANDIDATE_SOURCES) if value >> nth & 1)
        for value in range(1 << len(CANDIDATE_SOURCES))
    ]
    return pa.DictionaryArray.from_arrays(pa.array(np.asarray(code, np.int32)), pa.array(names))
