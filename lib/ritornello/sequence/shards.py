"""Histories as Arrow files on the driver's disk, mapped into memory batch by batch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Ints32
from ritornello.as_of import instant
from ritornello.sequence.windows import places_of

T = TypeVar("T")
LISTENERS_PER_BATCH = 1_000
BATCHES_PER_FILE = 50
FEWEST_JUDGED = 100
COLUMNS = pa.schema(
    [("item_ids", pa.list_(pa.int32())), ("early", pa.int32()), ("judged", pa.bool_())]
)


@dataclass(frozen=True)
class Listener:
    """One listener's history, oldest first, as places in the catalogue.

    ``early`` plays were before the border. ``judged`` says whether the later ones are left out of
    training and choose the weights.
    """

    history: Ints32
    early: int
    judged: bool

    @property
    def training(self) -> Ints32:
        return self.history[: self.early] if self.judged else self.history

    @property
    def truth(self) -> Ints32:
        """Return the distinct items played from the border on."""
        distinct: Ints32 = np.unique(self.history[self.early :])
        return distinct


def write_shards(
    histories: DataFrame, folder: Path, *, border: datetime, most_judged: int, seed: int
) -> int:
    """Write histories, oldest first, and return how many listeners are judged.

    Judged are listeners with two plays before the border and one from it on, drawn by a hash: about
    a tenth of them and at most ``most_judged``, but all where that is fewer than 100. Executors pack
    the batches; the driver holds one at a time.
    """
    early = F.size(F.filter("played_at", lambda at: at < instant(border)))
    rows = histories.select(
        "user_id", F.reverse("item_ids").alias("item_ids"), early.alias("early")
    )
    can_be = (F.col("early") > 1) & (F.col("early") < F.size("item_ids"))
    number = rows.where(can_be).count()
    tenth = min(most_judged, number // 10)
    share = tenth / number if tenth >= FEWEST_JUDGED else 1.0
    packed = (
        rows.orderBy("user_id")
        .select("item_ids", "early", (can_be & (_draw(seed) < share)).alias("judged"))
        .mapInArrow(_pack, "batch binary")
    )
    kept = 0
    batches = _of_one_size(row["batch"] for row in packed.toLocalIterator())
    for number, some in enumerate(_by(batches, BATCHES_PER_FILE)):
        with pa.ipc.new_file(folder / f"{number:06d}.arrow", COLUMNS) as file:
            for batch in some:
                file.write_batch(batch)
                kept += batch.column("judged").true_count
    return kept


def _of_one_size(packed: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
    """Yield batches of LISTENERS_PER_BATCH rows, wherever Spark cut its partitions.

    So one history gives one order of training.
    """
    rows = pa.table([[]] * len(COLUMNS), schema=COLUMNS)
    for one in packed:
        batch = pa.ipc.read_record_batch(pa.py_buffer(one), COLUMNS)
        rows = pa.concat_tables([rows, pa.Table.from_batches([batch])])
        while len(rows) >= LISTENERS_PER_BATCH:
            yield rows[:LISTENERS_PER_BATCH].combine_chunks().to_batches()[0]
            rows = rows[LISTENERS_PER_BATCH:]
    yield from rows.combine_chunks().to_batches()


def _by(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[Iterator[pa.RecordBatch]]:
    """Yield the batches in runs of ``size``, without a list of them."""
    for first in batches:
        yield chain([first], islice(batches, size - 1))


def _draw(seed: int) -> Column:
    return F.pmod(F.xxhash64("user_id", F.lit(seed)), F.lit(1_000_000)) / 1_000_000


def _pack(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        typed = pa.Table.from_batches([batch]).cast(COLUMNS).to_batches(LISTENERS_PER_BATCH)
        for part in typed:
            yield pa.RecordBatch.from_arrays(
                [pa.array([part.serialize().to_pybytes()], pa.binary())], names=["batch"]
            )


def read_shards(
    folder: Path, ids: Ints32, *, random: np.random.Generator | None = None
) -> Iterator[Listener]:
    """Yield the listeners, files, batches and rows in a random order if asked."""
    for file in _shuffled(sorted(folder.glob("*.arrow")), random):
        with pa.memory_map(str(file)) as source:
            reader = pa.ipc.open_file(source)
            for at in _shuffled(list(range(reader.num_record_batches)), random):
                yield from _listeners(reader.get_batch(at), ids, random)


def _listeners(
    batch: pa.RecordBatch, ids: Ints32, random: np.random.Generator | None
) -> Iterator[Listener]:
    item_ids, early, judged = (batch.column(name) for name in COLUMNS.names)
    for row in _shuffled(list(range(batch.num_rows)), random):
        items = item_ids[row].values.to_numpy().astype(np.int32)
        before = places_of(items[: early[row].as_py()], ids)
        later = places_of(items[early[row].as_py() :], ids)
        yield Listener(np.concatenate([before, later]), len(before), judged[row].as_py())


def _shuffled(values: list[T], random: np.random.Generator | None) -> list[T]:
    return values if random is None else [values[at] for at in random.permutation(len(values))]
