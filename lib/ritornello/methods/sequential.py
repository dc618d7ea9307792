"""Rank by a sequential model, with its weights mapped into memory on every executor."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyspark import SparkFiles
from pyspark.sql import SparkSession

from ritornello.arrays import Floats32, Ints32
from ritornello.methods.shelves import Scored, Shelf
from ritornello.sequence.configuration import Configuration
from ritornello.sequence.forward import all_scores
from ritornello.sequence.windows import last_window, places_of
from ritornello.session import ship_folder, shipped_name


@dataclass(frozen=True)
class ShippedWeights:
    """Weights end to end in one file, and the catalogue's ids in another."""

    weights_file: str
    ids_file: str
    shapes: tuple[tuple[str, tuple[int, ...]], ...]

    def load(self) -> tuple[dict[str, Floats32], Ints32]:
        """Map the weights into memory from the executor's copy."""
        flat = np.load(SparkFiles.get(self.weights_file), mmap_mode="r")
        weights, start = {}, 0
        for name, shape in self.shapes:
            end = start + int(np.prod(shape))
            weights[name] = flat[start:end].reshape(shape)
            start = end
        return weights, np.load(SparkFiles.get(self.ids_file), mmap_mode="r")


def ship_weights(
    spark: SparkSession, weights: Mapping[str, Floats32], ids: Ints32
) -> ShippedWeights:
    """Ship a model's weights and its sorted catalogue to every executor."""
    folder = Path(tempfile.mkdtemp(prefix="ritornello-sequence-"))
    name = shipped_name("sequence")
    shapes = tuple((one, weights[one].shape) for one in sorted(weights))
    shipped = ShippedWeights(f"{name}-weights.npy", f"{name}-ids.npy", shapes)
    flat = np.concatenate([weights[one].ravel() for one, _ in shapes]).astype(np.float32)
    np.save(folder / shipped.weights_file, flat)
    np.save(folder / shipped.ids_file, ids)
    ship_folder(spark, folder)
    return shipped


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
