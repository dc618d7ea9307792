"""Generate candidates from every source as of an instant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from ritornello.arrays import Floats32, Ints32
from ritornello.candidates import sources
from ritornello.candidates.allowed import are_allowed
from ritornello.candidates.union import union_of
from ritornello.job import Context
from ritornello.night.lists.carry import carried_als_lists
from ritornello.night.lists.known import Known, known_as_of
from ritornello.night.state.base import Base
from ritornello.night.state.due import listeners_due
from ritornello.night.state.pairs import Choice, everyone, only
from ritornello.scratch import scratch
from ritornello.settings.lists import CandidateSettings
from ritornello.shelves.batch import Batch
from ritornello.shelves.catalogue import Catalogue
from ritornello.shelves.rows import Rows
from ritornello.tables.contracts import ALS_LISTS, CANDIDATE_SOURCES, CANDIDATES

ARRAYS = (*ALS_LISTS.columns[2:], *CANDIDATES.columns[2:])
SCHEMA = ", ".join(
    ["user_id int", "has_factors boolean", *(f"{one.name} {one.type}" for one in ARRAYS)]
)


@dataclass(frozen=True)
class Proposer:
    """Candidates of a batch of listeners, by the settings' limits."""

    known: Known
    settings: CandidateSettings
    length: int

    def open(self) -> "OpenProposer":
        """Map the shipped files into memory."""
        assert self.known.matrix is not None
        ids, factors = self.known.matrix.load()
        return OpenProposer(self, self.known.catalogue.load(), ids, factors)

    def __call__(self, rows: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn a stream of listeners into rows of ``als_lists`` and ``candidates``."""
        opened = self.open()
        for batch in self.known.batches(rows):
            yield _as_arrow(batch, *opened.propose(batch))


@dataclass(frozen=True)
class OpenProposer:
    """A proposer with its files open."""

    of: Proposer
    catalogue: Catalogue
    ids: Ints32
    factors: Floats32

    def propose(self, batch: Batch) -> tuple[Rows, Rows, Rows]:
        """Return candidates, and the best played and unplayed items by ALS."""
        settings, catalogue = self.of.settings, self.catalogue
        familiar, unplayed = sources.als(batch, self.ids, self.factors, length=self.of.length)
        proposals = {
            "own_history": sources.own_history(batch.pairs, limit=settings.own_history),
            "als": unplayed.where(unplayed["rank"] <= settings.als),
            "own_artists": sources.own_artists(
                batch.pairs,
                catalogue,
                limit=settings.own_artists,
                artists_per_user=settings.artists_per_user,
            ),
            "popular": sources.popular(batch, catalogue, limit=settings.popular),
        }
        union = union_of(proposals)
        kept = are_allowed(union, batch, catalogue, heeds_dislikes=self.of.known.heeds_dislikes)
        return union.where(kept), familiar, unplayed


def _as_arrow(batch: Batch, candidates: Rows, familiar: Rows, unplayed: Rows) -> pa.RecordBatch:
    """One row per listener with the lists of ALS and the candidates."""
    users = len(batch.users)
    columns = {
        "user_id": pa.array(batch.users),
        "has_factors": pa.array(~np.isnan(batch.factors).any(axis=1)),
    }
    for kind, rows in (("repeat", familiar), ("new", unplayed)):
        columns[f"{kind}_items"] = _lists(rows, rows.item, np.int32, users)
        columns[f"{kind}_scores"] = _lists(rows, rows["score"], np.float32, users)
    columns["item_ids"] = _lists(candidates, candidates.item, np.int32, users)
    for source in CANDIDATE_SOURCES:
        for name, type_ in (("score", np.float32), ("rank", np.int32)):
            column = f"{source}_{name}"
            columns[f"{column}s"] = _lists(candidates, candidates[column], type_, users)
    return pa.RecordBatch.from_pydict(columns)


def _lists(rows: Rows, values: NDArray[Any], type_: type, users: int) -> pa.ListArray:
    """Cut a column into one list per listener. NaN becomes null."""
    starts = np.searchsorted(rows.owner, np.arange(users + 1)).astype(np.int32)
    unknown = np.isnan(values)
    filled: NDArray[Any] = np.where(unknown, 0, values).astype(type_)
    return pa.ListArray.from_arrays(pa.array(starts), pa.array(filled, mask=unknown))


def propose(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """Propose candidates to a choice of listeners.

    One row per listener with the columns of ``als_lists`` and ``candidates``, and has_factors.
    Candidates are without what may not be served.
    """
    rows, known = known_as_of(context, as_of, of=of)
    return rows.mapInArrow(proposer(context, known), SCHEMA)


def proposer(context: Context, known: Known) -> Proposer:
    """Return what proposes candidates by the settings."""
    settings = context.settings.candidates
    return Proposer(known, settings, max(settings.als, context.settings.recommend.length))


def generate_candidates(context: Context, as_of: datetime, *, base: Base | None = None) -> None:
    """Write als_lists and candidates as of an instant.

    In a short night only the listeners who are due get candidates. The others keep the als_lists of
    the base, because the same factors and the same plays would give the same lists.
    """
    with scratch() as scratchpad:
        due = None if base is None else scratchpad.keep(listeners_due(context, base, as_of))
        of = everyone if due is None else only(due)
        proposed = scratchpad.keep(propose(context, as_of, of=of))
        lists, candidates = (
            proposed.select("user_id", *(column.name for column in contract.columns[2:]), *more)
            for contract, more in ((ALS_LISTS, ("has_factors",)), (CANDIDATES, ()))
        )
        lists = lists.where("has_factors").drop("has_factors")
        if base is not None and due is not None:
            lists = lists.unionByName(carried_als_lists(context, base, due, as_of=as_of))
        context.store.replace("als_lists", lists, as_of=as_of)
        context.store.replace("candidates", candidates, as_of=as_of)
