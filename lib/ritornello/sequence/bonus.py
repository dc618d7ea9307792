"""Add personalised popularity to logits, without a positions x items matrix.

The formulas are those of `popularity.scores`: the softmax bonus ln(1 + c / eps), and the sigmoid
bonus logit(q) - logit of an unplayed item, plus that floor where the loss needs true logits. Counts
are those of the window alone. At position t of a causal model they are the plays up to t, so the
target at t + 1 is never among them.
"""

import jax
import jax.numpy as jnp


def counts_at(windows: jax.Array, items: jax.Array) -> jax.Array:
    """Count items in the window up to each position.

    Shapes: windows (b, t) and items (b, t, k) to counts (b, t, k).
    """
    same = windows[:, None, None, :] == items[..., None]
    past = jnp.tril(jnp.ones((windows.shape[1],) * 2, bool))[None, :, None, :]
    return jnp.sum(same & past, axis=-1, dtype=jnp.float32)


def running_counts(windows: jax.Array, items: jax.Array) -> jax.Array:
    """Count a window's shared items up to each position.

    Shapes: windows (b, t) and items (b, k) to counts (b, t, k).
    """
    same = windows[:, :, None] == items[:, None, :]
    return jnp.cumsum(same, axis=1, dtype=jnp.float32)


def whole_counts(windows: jax.Array, *, items: int) -> jax.Array:
    """Count every item in the whole window, without padding and mask.

    Shapes: windows (b, t) to counts (b, N).
    """
    rows = jnp.arange(len(windows))[:, None]
    empty = jnp.zeros((len(windows), items + 2), jnp.float32)
    return empty.at[rows, windows].add(1.0)[:, :items]


def softmax_bonus(counts: jax.Array, *, eps: float) -> jax.Array:
    """Return ln(1 + c / eps)."""
    return jnp.log1p(counts / eps)


def sigmoid_logit(counts: jax.Array, totals: jax.Array, *, items: int, eps: float) -> jax.Array:
    """Return logit(q) of q = (c + eps) / (S + N eps)."""
    others = totals - counts + (items - 1) * eps
    return jnp.log(counts + eps) - jnp.log(others)
