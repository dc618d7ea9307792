"""One function per candidate source, over a batch of listeners.

Each returns Rows with a score and a rank from 1, in any order of rows.
"""

import numpy as np

from ritornello.arrays import Floats32, Floats64, Ints32, Ints64, look_up, pair_keys, spans
from ritornello.models.als_lists import best_played_and_unplayed
from ritornello.shelves.artists import artist_sums
from ritornello.shelves.batch import Batch
from ritornello.shelves.catalogue import Catalogue
from ritornello.shelves.rows import Rows, best_of


def own_history(pairs: Rows, *, limit: int) -> Rows:
    """Propose the listener's own items by decayed plays.

    Plays decay with half-lives of a month and of a year. The month decides. The year lets an old
    favourite rank above what was heard once last spring.
    """
    return _best(
        pairs.owner, pairs.item, pairs["decayed_30d"] + 0.1 * pairs["decayed_365d"], limit=limit
    )


def als(batch: Batch, ids: Ints32, factors: Floats32, *, length: int) -> tuple[Rows, Rows]:
    """Return the best played and the best unplayed items by ALS.

    ``factors`` are those of the items ``ids``, ascending. Listeners without factors have none.
    """
    known = np.flatnonzero(~np.isnan(batch.factors).any(axis=1))
    starts = np.searchsorted(batch.pairs.owner, known, side="left")
    ends = np.searchsorted(batch.pairs.owner, known, side="right")
    played = [batch.pairs.item[a:b] for a, b in zip(starts, ends, strict=True)]
    lists = best_played_and_unplayed(batch.factors[known], played, ids, factors, length=length)
    return _listed(known, lists[0]), _listed(known, lists[1])


def _listed(owners: Ints64, lists: list[tuple[Ints32, Floats32]]) -> Rows:
    sizes = np.array([len(items) for items, _ in lists], np.int64)
    nothing: tuple[Ints32, Floats32] = (np.zeros(0, np.int32), np.zeros(0, np.float32))
    items, scores = (np.concatenate(one) for one in zip(nothing, *lists, strict=True))
    of_list, nth = spans(np.zeros(len(sizes), np.int64), sizes)
    columns = {"score": scores.astype(np.float64), "rank": nth + 1.0}
    return Rows(owners[of_list], items.astype(np.int32), columns)


def popular(batch: Batch, catalogue: Catalogue, *, limit: int) -> Rows:
    """Propose unplayed items that were popular over the last month.

    A listener who knows all of the popular list gets none.
    """
    order = np.argsort(catalogue.popular)
    ids = catalogue.popular[order]
    at, is_there = look_up(batch.pairs.item, ids)
    is_new = np.ones((len(batch.users), len(ids)), np.bool_)
    is_new[batch.pairs.owner[is_there], order[at[is_there]]] = False
    rank = np.cumsum(is_new, axis=1, dtype=np.int32)
    owner, place = np.nonzero(is_new & (rank <= limit))
    nth = rank[owner, place].astype(np.float64)
    return Rows(owner, catalogue.popular[place], {"score": 1.0 / nth, "rank": nth})


def own_artists(pairs: Rows, catalogue: Catalogue, *, limit: int, artists_per_user: int) -> Rows:
    """Propose unplayed items of the listener's own artists.

    The score is the artist's share of the listener's decayed plays times ln(1 + the item's decayed
    plays). Each artist contributes its best items of the catalogue.
    """
    played = artist_sums(pairs, catalogue, "decayed_60d")
    weight = played["decayed_60d"]
    totals = np.bincount(played.owner, weight) if len(played) else np.zeros(0)
    at, _ = best_of(played.owner, played.item, weight, limit=artists_per_user)
    owner, artist = played.owner[at], played.item[at]
    with np.errstate(invalid="ignore"):
        share = weight[at] / totals[owner]
    starts = np.searchsorted(catalogue.best_artist, artist, side="left")
    ends = np.searchsorted(catalogue.best_artist, artist, side="right")
    of_artist, place = spans(starts, ends - starts)
    owner, item = owner[of_artist], catalogue.best_item[place]
    score = share[of_artist] * np.log1p(catalogue.best_weight[place])
    new = np.flatnonzero(~pairs.has(pair_keys(owner, item)))
    return _best(owner[new], item[new], score[new], limit=limit)


def _best(owner: Ints64, item: Ints32, score: Floats64, *, limit: int) -> Rows:
    at, rank = best_of(owner, item, score, limit=limit)
    return Rows(owner[at], item[at], {"score": score[at], "rank": rank.astype(np.float64)})
