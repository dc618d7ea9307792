"""A tiny model of each kind, with weights that are large enough to matter."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from ritornello.sequence.network import Network
from ritornello.settings.sequence import SequenceSettings

ITEMS = 30
TINY = SequenceSettings(
    window=12, dimensions=16, layers=2, batch=8, negatives=6, patience=3, minutes=1.0
)


def network(configuration, *, seed=1, scale=0.4, settings=TINY, items=ITEMS):
    model = Network(configuration, settings, items=items, seed=seed)
    state = nnx.state(model, nnx.Param)
    leaves, tree = jax.tree.flatten(state)
    keys = jax.random.split(jax.random.key(seed), len(leaves))
    moved = [
        leaf + scale * jax.random.normal(key, leaf.shape)
        for leaf, key in zip(leaves, keys, strict=True)
    ]
    nnx.update(model, jax.tree.unflatten(tree, moved))
    return model


def zeroed(configuration, *, settings=TINY, items=ITEMS):
    model = Network(configuration, settings, items=items, seed=1)
    nnx.update(model, jax.tree.map(jnp.zeros_like, nnx.state(model, nnx.Param)))
    return model


def windows(rows: int = 4, *, length: int = 12, items: int = ITEMS, seed: int = 0) -> np.ndarray:
    """Windows with 1 to ``length`` plays, with repeats, padded on the left."""
    random = np.random.default_rng(seed)
    drawn = np.full((rows, length), items, np.int32)
    for row in range(rows):
        number = (1, length, 5, 8)[row % 4]
        drawn[row, -number:] = random.integers(0, items // 3, number)
    return drawn
