"""Rank by a sequential model, with its weights mapped into memory on every executor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from pyspark.sql import SparkSession

from ritornello.arrays import Floats32, Ints32
from ritornello.methods.shelves import Scored, Shelf
from ritornello.models.als_lists import ItemMatrix, ship_matrix
from ritornello.sequence.configuration import Configuration
from ritornello.sequence.forward import all_scores
from ritornello.sequence.windows import last_window, places_of


@dataclass(frozen=True)
class ShippedWeights:
    """Weights end to end in one file, and the catalogue's ids in another."""

    files: ItemMatrix
    shapes: tuple[tuple[str, tuple[int, ...]], ...]

    def load(self) -> tuple[dict[str, Floats32], Ints32]:
        """Map the weights into memory from the executor's copy."""
        ids, flat = self.files.load()
        weights, start = {}, 0
        for name, shape in self.shapes:
            end = start + int(np.prod(shape))
            weights[name] = flat[start:end].reshape(shape)
            start = end
        return weights, ids


def ship_weights(
    spark: SparkSession, weights: Mapping[str, Floats32], ids: Ints32
) -> ShippedWeights:
    """Ship a model's weights and its sorted catalogue to every executor."""
    shapes = tuple((one, weights[one].shape) for one in sorted(weights))
    flat = np.concatenate([weights[one].ravel() for one, _ in shapes]).astype(np.float32)
    return ShippedWeights(ship_matrix(spark, ids, flat, name="sequence"), shapes)


@dataclass(frozen=True)
class Sequential:
    """Score a shelf by a sequential model that reads the listener's last plays.

    Scored are all items of the listener and the best ``length`` others.
    """

    shipped: ShippedWeights
    configuration: Configuration
    window: int
    eps: float
    length: int
    fill: bool = True

    def open(self) -> Callable[[Shelf], Scored]:
        weights, ids = self.shipped.load()

        def score(shelf: Shelf) -> Scored:
            history = places_of(shelf.array("history")[::-1].astype(np.int32), ids)
            window = last_window(history, length=self.window, padding=len(ids))
            scores = all_scores(weights, self.configuration, window, eps=self.eps)
            known = places_of(shelf.items, ids)
            others = scores.copy()
            others[known] = -np.inf
            number = min(self.length, len(ids) - len(known))
            new = np.argpartition(-others, max(0, number - 1))[:number]
            places = np.concatenate([known, new])
            return ids[places].astype(np.int32), scores[places]

        return score
