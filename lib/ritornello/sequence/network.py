"""The network of a sequential model in JAX: vectors of items, and Transformer blocks.

Blocks normalise first: ``x + drop(attention(norm(x)))``, then ``x + drop(feed_forward(norm(x)))``. A
gated block (LiGR) multiplies both additions by ``sigmoid(x G + b)`` of its input, and its feed-forward
is ``(silu(h W1) * h W2) W3``. Where the plain models of the papers differ (SASRec normalises queries
alone, BERT4Rec normalises last), one form for all makes them comparable.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from ritornello.sequence.configuration import Configuration
from ritornello.settings.sequence import SequenceSettings

INITIAL = jax.nn.initializers.normal(0.02)


class FeedForward(nnx.Module):
    """Two dense layers, or three without bias where ``gated``."""

    def __init__(self, width: int, inner: int, *, gated: bool, causal: bool, rngs: nnx.Rngs):
        bias = not gated
        self.widen = nnx.Linear(width, inner, use_bias=bias, kernel_init=INITIAL, rngs=rngs)
        self.narrow = nnx.Linear(inner, width, use_bias=bias, kernel_init=INITIAL, rngs=rngs)
        self.gate = (
            nnx.Linear(width, inner, use_bias=False, kernel_init=INITIAL, rngs=rngs)
            if gated
            else None
        )
        self.causal = causal

    def __call__(self, x: jax.Array) -> jax.Array:
        if self.gate is not None:
            return self.narrow(jax.nn.silu(self.gate(x)) * self.widen(x))
        return self.narrow((jax.nn.relu if self.causal else jax.nn.gelu)(self.widen(x)))


class Block(nnx.Module):
    """One Transformer block."""

    def __init__(
        self, settings: SequenceSettings, configuration: Configuration, *, rngs: nnx.Rngs
    ) -> None:
        width, gated = settings.dimensions, configuration.gated
        self.first_norm = nnx.LayerNorm(width, rngs=rngs)
        self.second_norm = nnx.LayerNorm(width, rngs=rngs)
        self.attention = nnx.MultiHeadAttention(
            configuration.heads, width, decode=False, kernel_init=INITIAL, rngs=rngs
        )
        self.feed_forward = FeedForward(
            width,
            width * configuration.widening,
            gated=gated,
            causal=configuration.causal,
            rngs=rngs,
        )
        self.first_gate = nnx.Linear(width, width, rngs=rngs) if gated else None
        self.second_gate = nnx.Linear(width, width, rngs=rngs) if gated else None
        self.dropout = nnx.Dropout(settings.dropout, rngs=rngs)

    def __call__(self, x: jax.Array, mask: jax.Array, *, training: bool) -> jax.Array:
        attended = self.attention(self.first_norm(x), mask=mask, deterministic=True)
        x = x + _gated(self.first_gate, x, self.dropout(attended, deterministic=not training))
        fed = self.feed_forward(self.second_norm(x))
        return x + _gated(self.second_gate, x, self.dropout(fed, deterministic=not training))


def _gated(gate: Any, x: jax.Array, addition: jax.Array) -> jax.Array:
    return addition if gate is None else jax.nn.sigmoid(gate(x)) * addition


class Network(nnx.Module):
    """From windows (batch, length) to one vector per position (batch, length, width).

    ``items`` is N: the table of vectors has two rows more, for the padding and the mask.
    """

    def __init__(
        self, configuration: Configuration, settings: SequenceSettings, *, items: int, seed: int
    ) -> None:
        rngs = nnx.Rngs(seed)
        width = settings.dimensions
        self.read = nnx.Embed(items + 2, width, embedding_init=INITIAL, rngs=rngs)
        self.positions = nnx.Embed(settings.window, width, embedding_init=INITIAL, rngs=rngs)
        self.blocks = [Block(settings, configuration, rngs=rngs) for _ in range(settings.layers)]
        self.last_norm = nnx.LayerNorm(width, rngs=rngs)
        self.dropout = nnx.Dropout(settings.dropout, rngs=rngs)
        self.scored = (
            None
            if configuration.one_table
            else nnx.Embed(items, width, embedding_init=INITIAL, rngs=rngs)
        )
        self.offsets = None if configuration.causal else nnx.Param(jnp.zeros(items))
        self.causal = configuration.causal
        self.items = items

    def __call__(self, windows: jax.Array, *, training: bool = False) -> jax.Array:
        real = windows != self.items
        mask = jnp.broadcast_to(real[:, None, None, :], (len(windows), 1, *[windows.shape[1]] * 2))
        if self.causal:
            mask = mask & jnp.tril(jnp.ones(mask.shape[-2:], bool))
        x = self.read(windows) + self.positions.embedding[...]
        x = self.dropout(x, deterministic=not training)
        for block in self.blocks:
            x = block(x, mask, training=training)
        return self.last_norm(x)

    @property
    def vectors(self) -> jax.Array:
        """Return the vectors that items are scored by: (N, width)."""
        table = self.read if self.scored is None else self.scored
        return table.embedding[...][: self.items]

    def scores(self, hidden: jax.Array) -> jax.Array:
        """Return the logits of all items: (..., width) to (..., N)."""
        logits = hidden @ self.vectors.T
        return logits if self.offsets is None else logits + self.offsets[...]

    def scores_of(self, hidden: jax.Array, items: jax.Array) -> jax.Array:
        """Return the logits of chosen items: (..., width) and (..., k) to (..., k)."""
        logits = jnp.einsum("...d,...kd->...k", hidden, self.vectors[items])
        return logits if self.offsets is None else logits + self.offsets[...][items]


def weights_of(network: Network) -> dict[str, Any]:
    """Return a copy of all weights by their path, as float32."""
    state = nnx.to_flat_state(nnx.state(network, nnx.Param))
    return {
        "/".join(map(str, path)): jax.device_get(leaf[...]).astype("float32").copy()
        for path, leaf in state
    }
