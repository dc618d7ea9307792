"""Rank lists for every listener as of an instant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Floats64
from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.lists.carry import carried_lists
from ritornello.night.lists.known import Known, known_as_of
from ritornello.night.state.base import Base
from ritornello.night.state.pairs import Choice, everyone, only
from ritornello.ranking.columns import FEATURES
from ritornello.ranking.explore import with_explored
from ritornello.ranking.lists import NAMES, Places, ranked_lists, sources_of
from ritornello.ranking.matrix import feature_matrix
from ritornello.ranking.ranker import Ranker, prediction
from ritornello.shelves.batch import Batch, Part, list_rows
from ritornello.shelves.rows import Rows, nth_of
from ritornello.tables.contracts import CANDIDATES

PROPOSED = tuple(column.name for column in CANDIDATES.columns[2:])
FAMILIAR = ("repeat_items", "repeat_scores")
LISTED = (
    "user_id int, list string, rank int, item_id int, score double, source string, "
    "last_played_at timestamp"
)


def serving_ranker(context: Context, as_of: datetime, *, version: str | None = None) -> Ranker:
    """Read the newest ranker trained on or before the instant.

    ``version`` picks one of these rankers instead.
    """
    models = context.store.read("models", model="ranker").where(F.col("as_of") <= F.lit(as_of))
    models = models.where(F.col("version") == version) if version else models
    newest = models.orderBy(F.desc("as_of"), "version").first()
    if newest is None:
        raise UsageError(f"no ranker was trained as of {iso(as_of)} or before: run train-ranker")
    if tuple(newest["features"]) != FEATURES:
        raise UsageError(
            f"ranker {newest['version']} was trained on other features than this code has: "
            "run train-ranker"
        )
    return Ranker(newest["native_text"], newest["best_iteration"])


def recommend(
    context: Context, as_of: datetime, *, ranker: str | None = None, base: Base | None = None
) -> None:
    """Write every listener's best mixed, repeats and new items.

    Rows also have the source's own ids. ``ranker`` is the version that ranks, by default the newest.
    In a short night listeners without candidates keep the lists of the base, as far as they still
    have plays and the items are still known.
    """
    store, settings = context.store, context.settings
    due = store.read("candidates", as_of=as_of).select("user_id")
    of = everyone if base is None else only(due)
    serving = serving_ranker(context, as_of, version=ranker)
    lists = ranked(context, serving, as_of=as_of, of=of)
    lists = with_explored(lists, as_of=as_of, settings=settings.exploration)
    rows = _published(context, lists, settings.item_kind)
    if base is not None:
        rows = rows.unionByName(carried_lists(context, base, due, as_of=as_of))
    store.replace("recommendations", rows, as_of=as_of)


def ranked(context: Context, ranker: Ranker, *, as_of: datetime, of: Choice) -> DataFrame:
    """Rank the stored candidates of a choice of listeners into lists.

    One row per place: user_id, list, rank, item_id, score, source and last_played_at.
    """
    store = context.store
    candidates = store.read("candidates", as_of=as_of)
    lists = store.read("als_lists", as_of=as_of)
    more = [
        list_rows(of(candidates), Part.PROPOSED, PROPOSED),
        list_rows(of(lists), Part.FAMILIAR, FAMILIAR),
    ]
    rows, known = known_as_of(context, as_of, of=of, to_propose=False, more=more)
    known = known.with_part(Part.PROPOSED).with_part(Part.FAMILIAR)
    return rows.mapInArrow(Listing(known, ranker, context.settings.recommend.length), LISTED)


@dataclass(frozen=True)
class Listing:
    """Turn a stream of listeners with candidates into places of lists."""

    known: Known
    ranker: Ranker
    length: int

    def __call__(self, rows: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        catalogue, predict = self.known.catalogue.load(), prediction(self.ranker)
        for batch in self.known.batches(rows):
            candidates = stored_candidates(batch)
            matrix = feature_matrix(
                candidates,
                batch,
                catalogue,
                stored_familiar(batch),
                now=self.known.now,
                unknown=self.known.unknown,
            )
            scores = predict(matrix) if len(matrix) else np.zeros(0)
            places = ranked_lists(candidates, scores, length=self.length)
            yield _as_arrow(batch, candidates, scores, places)


def stored_candidates(batch: Batch) -> Rows:
    """Read the candidates that came with the stream."""
    owner, columns = batch.lists[Part.PROPOSED].columns(len(PROPOSED))
    names = [name.removesuffix("s") for name in PROPOSED[1:]]
    return Rows(owner, columns[0].astype(np.int32), dict(zip(names, columns[1:], strict=True)))


def stored_familiar(batch: Batch) -> Rows:
    """Read the best played items by ALS that came with the stream.

    Their columns are score and rank.
    """
    owner, (items, scores) = batch.lists[Part.FAMILIAR].columns(len(FAMILIAR))
    columns = {"score": scores, "rank": nth_of(owner).astype(np.float64)}
    return Rows(owner, items.astype(np.int32), columns)


def _as_arrow(batch: Batch, candidates: Rows, scores: Floats64, places: Places) -> pa.RecordBatch:
    at = places.candidate
    played = batch.pairs.at(candidates.keys[at], "last_played_at")
    unplayed = np.isnan(played)
    micros = np.where(unplayed, 0, played).astype(np.int64)
    of_list = pa.DictionaryArray.from_arrays(pa.array(places.list_, pa.int32()), pa.array(NAMES))
    return pa.RecordBatch.from_pydict(
        {
            "user_id": pa.array(batch.users[candidates.owner[at]]),
            "list": of_list.cast(pa.string()),
            "rank": pa.array(places.rank, pa.int32()),
            "item_id": pa.array(candidates.item[at]),
            "score": pa.array(scores[at]),
            "source": sources_of(candidates).take(pa.array(at)).cast(pa.string()),
            "last_played_at": pa.array(micros, mask=unplayed).cast(pa.timestamp("us", "UTC")),
        }
    )


def _published(context: Context, lists: DataFrame, kind: str) -> DataFrame:
    items = context.store.read(f"{kind}s").select(
        F.col(f"{kind}_id").alias("item_id"), f"source_{kind}_id"
    )
    users = context.store.read("users").select("user_id", "source_user_id")
    return (
        lists.join(items, on="item_id", how="inner")
        .join(users, on="user_id", how="inner")
        .withColumnRenamed("item_id", f"{kind}_id")
    )
