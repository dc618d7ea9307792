"""Methods as functions of a shelf (names and sources: `docs/methods.md`)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pyspark import SparkFiles

from ritornello.arrays import Floats64, Ints32, look_up
from ritornello.candidates.sources import own_artists
from ritornello.methods.shelves import NO_ITEMS, NO_SCORES, Scored, Shelf
from ritornello.models.als_lists import ItemMatrix
from ritornello.shelves.catalogue import ShippedCatalogue
from ritornello.shelves.rows import Rows


@dataclass(frozen=True)
class MostPopular:
    """Most popular items: no scores of its own, the filling is the list."""

    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        return lambda shelf: (NO_ITEMS, NO_SCORES)


@dataclass(frozen=True)
class Ranked:
    """Fixed ranking for everybody, best first (bounded)."""

    items: tuple[int, ...]
    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        scored = np.asarray(self.items, np.int32), -np.arange(len(self.items), dtype=np.float64)
        return lambda shelf: scored


@dataclass(frozen=True)
class Counted:
    """Personal popularity: the listener's items by a column of the shelf.

    Only items with a value above 0 count.
    """

    column: str
    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        def score(shelf: Shelf) -> Scored:
            counts = shelf.array(self.column)
            counted = np.flatnonzero(counts > 0)
            return shelf.items[counted], counts[counted]

        return score


@dataclass(frozen=True)
class FirstSeen:
    """Counts over the last ``window`` plays, ties broken by first appearance.

    Of equal counts, the item that appears first in the window wins. This is the published order of
    ties (formulas: A4). Item ids never decide.
    """

    window: int
    fill: bool = False

    def open(self) -> Callable[[Shelf], Scored]:
        def score(shelf: Shelf) -> Scored:
            last = shelf.array("history")[: self.window][::-1].astype(np.int32)
            items, first, counts = np.unique(last, return_index=True, return_counts=True)
            return items, counts - first / (len(last) + 1.0)

        return score


@dataclass(frozen=True)
class OwnArtists:
    """Unplayed items of the listener's own artists, as the candidate source proposes them."""

    catalogue: ShippedCatalogue
    limit: int
    artists_per_user: int
    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        catalogue = self.catalogue.load()

        def score(shelf: Shelf) -> Scored:
            owner = np.zeros(len(shelf.items), np.int64)
            pairs = Rows(owner, shelf.items, {"decayed_60d": shelf.array("decayed_60d")})
            best = own_artists(
                pairs, catalogue, limit=self.limit, artists_per_user=self.artists_per_user
            )
            return best.item, -best["rank"]

        return score


@dataclass(frozen=True)
class Given:
    """Scored items that came to the shelf from elsewhere, under a name."""

    name: str
    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        nothing = NO_ITEMS, NO_SCORES
        return lambda shelf: shelf.given.get(self.name, nothing)


@dataclass(frozen=True)
class Listed:
    """The listener's ALS list, played and unplayed items merged by score."""

    fill: bool = False

    def open(self) -> Callable[[Shelf], Scored]:
        def score(shelf: Shelf) -> Scored:
            items = shelf.array("als_items").astype(np.int32)
            return items, shelf.array("als_scores").astype(np.float64)

        return score


@dataclass(frozen=True)
class FactorsAndPopularity:
    """ALS on a logit scale, plus the PPS bonus of the softmax form.

    score = slope * dot product + ln(1 + c / eps), c the count in ``column``. All played items are
    scored, unplayed ones only if they are in the ALS list on the shelf.
    """

    matrix: ItemMatrix
    slope: float
    eps: float
    column: str
    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        ids, factors = self.matrix.load()

        def score(shelf: Shelf) -> Scored:
            bonus = np.log1p(shelf.array(self.column) / self.eps)
            own = self.slope * dots(shelf, ids, factors) + bonus
            new = shelf.array("als_new_items").astype(np.int32)
            scores = self.slope * shelf.array("als_new_scores").astype(np.float64)
            return np.concatenate([shelf.items, new]), np.concatenate([own, scores])

        return score


def dots(shelf: Shelf, ids: Ints32, factors: "np.ndarray") -> Floats64:  # type: ignore[type-arg]
    """Compute ALS scores of all items on the shelf.

    The score is 0 without factors.
    """
    scores: Floats64 = np.zeros(len(shelf.items))
    user = shelf.array("factors")
    if len(user) and len(ids):
        at, known = look_up(shelf.items, ids)
        scores[known] = factors[at[known]] @ user
    return scores


@dataclass(frozen=True)
class Neighbours:
    """TIFU-kNN (Hu et al., SIGIR 2020) on decayed counts instead of groups of baskets.

    score = alpha * own vector + (1 - alpha) * mean vector of the nearest listeners of a bounded
    pool. Vectors are decayed counts divided by their sum, nearness is the cosine. A listener in the
    pool is not their own neighbour.
    """

    pool_file: str
    column: str
    alpha: float
    nearest: int = 50
    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        pool = np.load(SparkFiles.get(self.pool_file), allow_pickle=False)
        return Pool(pool["users"], pool["starts"], pool["items"], pool["weights"]).scorer(self)


@dataclass(frozen=True)
class Pool:
    """Vectors of some listeners, row by row.

    Row n has the items and weights from starts[n] to starts[n + 1].
    """

    users: Ints32
    starts: Ints32
    items: Ints32
    weights: Floats64

    def scorer(self, method: Neighbours) -> Callable[[Shelf], Scored]:
        rows = np.repeat(np.arange(len(self.users)), np.diff(self.starts))
        lengths = np.sqrt(np.bincount(rows, self.weights**2, len(self.users)))

        def score(shelf: Shelf) -> Scored:
            counts = shelf.array(method.column)
            own = counts / max(counts.sum(), 1e-300)
            near = self._nearest(shelf, own, rows, lengths, method.nearest)
            is_near = np.isin(rows, near)
            items = np.concatenate([shelf.items, self.items[is_near]])
            theirs = (1 - method.alpha) / max(len(near), 1) * self.weights[is_near]
            both, at = np.unique(items, return_inverse=True)
            scores = np.bincount(at, np.concatenate([method.alpha * own, theirs]))
            return both.astype(np.int32), scores.astype(np.float64)

        return score

    def _nearest(
        self, shelf: Shelf, own: Floats64, rows: Ints32, lengths: Floats64, nearest: int
    ) -> Ints32:
        at, shared = look_up(self.items, shelf.items)
        dot = np.bincount(rows[shared], self.weights[shared] * own[at[shared]], len(self.users))
        cosine = dot / np.maximum(lengths, 1e-300)
        cosine[self.users == shelf.batch.column("user_id")[shelf.row].as_py()] = 0.0
        order = np.lexsort((self.users, -cosine))[:nearest]
        neighbours: Ints32 = order[cosine[order] > 0]
        return neighbours


@dataclass(frozen=True)
class Linear:
    """EASE (Steck, WWW 2019) over a bounded catalogue.

    Scores are the listener's vector times B. The vector is 1 for what was played. B is the closed
    form with ridge ``ridge`` and a zero diagonal.
    """

    matrix_file: str
    ridge: str
    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        folder = np.load(SparkFiles.get(self.matrix_file), allow_pickle=False)
        ids, weights = folder["ids"], folder[self.ridge]

        def score(shelf: Shelf) -> Scored:
            played = np.isin(ids, shelf.items, assume_unique=True)
            scores: Floats64 = weights[played].sum(axis=0, dtype=np.float64)
            return ids, scores

        return score
