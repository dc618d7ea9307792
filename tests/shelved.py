"""Batches of listeners made by hand, for tests without Spark."""

import numpy as np
import pyarrow as pa

from ritornello.night.lists.known import LAYOUT, PAIR, PROFILE
from ritornello.shelves.batch import NO_ITEM, Batch, Part, batches_of
from ritornello.shelves.catalogue import ABOUT, NO_ARTIST, Catalogue
from ritornello.shelves.rows import Rows

SCHEMA = pa.schema(
    [
        *((name, pa.int32()) for name in ("user_id", "part", "item_id")),
        ("numbers", pa.list_(pa.float64())),
    ]
)


def stream_of(rows: list[tuple[int, Part, int, list[float]]]) -> pa.RecordBatch:
    """A stream of (user, part, item, numbers), in the order that Spark gives it."""
    ordered = sorted(rows, key=lambda row: row[:3])
    columns = list(zip(*ordered, strict=True)) if ordered else [[]] * 4
    return pa.RecordBatch.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def batch_of(
    *,
    pairs: dict[tuple[int, int], dict[str, float]],
    profiles: dict[int, dict[str, float]] | None = None,
    events: list[tuple[int, int, float, float]] = (),
    forbidden: list[tuple[int, int]] = (),
    factors: dict[int, list[float]] | None = None,
) -> Batch:
    """One batch; all numbers that are not given are 0.

    ``events`` are (user, item, weight, microseconds).
    """
    factors = factors or {}
    rank = max((len(values) for values in factors.values()), default=0)
    users = {user for user, _ in pairs} | {*(profiles or {})}
    unknown = [np.nan] * rank
    rows = [
        (user, Part.PROFILE, NO_ITEM,
         [(profiles or {}).get(user, {}).get(name, 0.0) for name in PROFILE] + factors.get(user, unknown))
        for user in users
    ]  # fmt: skip
    rows += [(*key, [known.get(name, 0.0) for name in PAIR]) for key, known in _as_part(pairs)]
    rows += [(user, Part.EVENT, item, [weight, at]) for user, item, weight, at in events]
    rows += [(user, Part.FORBIDDEN, item, []) for user, item in forbidden]
    (batch,) = batches_of([stream_of(rows)], LAYOUT, rank=rank)
    return batch


def _as_part(pairs):
    return [((user, Part.PAIR, item), known) for (user, item), known in pairs.items()]


def catalogue_of(
    items: dict[int, dict[str, float]],
    *,
    artists: dict[int, int] | None = None,
    popular: list[int] = (),
    best: list[tuple[int, int, float]] = (),
    barred: set[int] = frozenset(),
    explicit: set[int] = frozenset(),
) -> Catalogue:
    """A catalogue; all figures that are not given are 0. ``best`` are (artist, item, weight)."""
    ids = sorted(items)
    about = {name: [float(items[i].get(name, 0.0)) for i in ids] for name in ABOUT}
    of_artist, item, weight = zip(*best, strict=True) if best else ((), (), ())
    return Catalogue(
        ids=np.array(ids, np.int32),
        artist=np.array([(artists or {}).get(i, NO_ARTIST) for i in ids], np.int32),
        is_barred=np.array([i in barred for i in ids], np.bool_),
        is_explicit=np.array([i in explicit for i in ids], np.bool_),
        popular=np.array(popular, np.int32),
        best_artist=np.array(of_artist, np.int32),
        best_item=np.array(item, np.int32),
        best_weight=np.array(weight, np.float64),
        table=pa.table({name: pa.array(values, pa.float64()) for name, values in about.items()}),
    )


def as_dict(rows: Rows, batch: Batch | None, *names: str) -> dict[tuple[int, int], tuple]:
    """Rows by listener and item, with some columns. Without a batch the owner is the listener."""
    users = rows.owner if batch is None else batch.users[rows.owner]
    columns = [rows[name].tolist() for name in names]
    keys = zip(users.tolist(), rows.item.tolist(), strict=True)
    return dict(zip(keys, zip(*columns, strict=True) if columns else [()] * len(rows), strict=True))
