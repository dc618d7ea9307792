"""Losses of the sequential models: mean over positions that are not padding.

BCE and gBCE average one positive and k negatives at each position. gBCE (gSASRec, RecSys 2023) raises
the positive's probability to beta = a ((1 - 1/a) t + 1/a), a = k / (N - 1), so its part is
-beta ln(sigmoid(s)): the published transformation of the logit, without its loss of digits.
"""

import jax
import jax.numpy as jnp


def beta(negatives: int, *, items: int, calibration: float) -> float:
    """Return gBCE's power of the positive probability."""
    share = negatives / max(1, items - 1)
    return share * ((1 - 1 / share) * calibration + 1 / share)


def binary(
    positive: jax.Array, negative: jax.Array, real: jax.Array, *, power: float = 1.0
) -> jax.Array:
    """Return BCE, or gBCE with its power.

    Shapes: positive logits (b, t), negative ones (b, t, k), real positions (b, t).
    """
    losses = -power * jax.nn.log_sigmoid(positive) - jnp.sum(jax.nn.log_sigmoid(-negative), axis=-1)
    return _mean(losses / (1 + negative.shape[-1]), real)


def sampled(
    positive: jax.Array, negative: jax.Array, same: jax.Array, real: jax.Array
) -> jax.Array:
    """Return the softmax loss over the positive and drawn negatives.

    ``same`` says which negatives are the positive itself; they do not count.
    """
    others = jax.nn.logsumexp(jnp.where(same, -jnp.inf, negative), axis=-1)
    return _mean(jnp.logaddexp(positive, others) - positive, real)


def full(logits: jax.Array, targets: jax.Array, real: jax.Array) -> jax.Array:
    """Return the softmax loss over all items.

    Shapes: logits (b, m, N), targets (b, m), real positions (b, m).
    """
    chosen = jnp.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    return _mean(jax.nn.logsumexp(logits, axis=-1) - chosen, real)


def _mean(losses: jax.Array, real: jax.Array) -> jax.Array:
    return jnp.sum(jnp.where(real, losses, 0.0)) / jnp.maximum(1, jnp.sum(real))
