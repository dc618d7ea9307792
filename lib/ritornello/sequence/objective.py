"""Compute the loss of a batch, and the scores that rank items."""

import jax
import jax.numpy as jnp

from ritornello.sequence import losses
from ritornello.sequence.bonus import (
    counts_at,
    running_counts,
    sigmoid_logit,
    softmax_bonus,
    whole_counts,
)
from ritornello.sequence.configuration import Configuration
from ritornello.sequence.network import Network
from ritornello.settings.sequence import SequenceSettings


def causal_loss(
    network: Network, configuration: Configuration, settings: SequenceSettings,
    windows: jax.Array, key: jax.Array,
) -> jax.Array:  # fmt: skip
    """Return the loss of predicting the next item at every position.

    ``windows`` is (batch, window + 1). Several negatives are drawn per window and shared by its
    positions, which is the same on average as drawing them per position and needs fewer vectors. A
    single one is drawn per position.
    """
    read, targets = windows[:, :-1], windows[:, 1:]
    items = network.items
    real = (read != items) & (targets != items)
    targets = jnp.where(real, targets, 0)
    hidden = network(read, training=True)
    drawn = configuration.drawn(settings)
    shape = (*read.shape, 1) if drawn == 1 else (len(read), drawn)
    negatives = jax.random.randint(key, shape, 0, items)
    positive = network.scores_of(hidden, targets[..., None])[..., 0]
    if drawn == 1:
        negative = network.scores_of(hidden, negatives)
    else:
        negative = jnp.einsum("btd,bkd->btk", hidden, network.vectors[negatives])
    if configuration.popularity:
        known = counts_at(read, targets[..., None])[..., 0]
        others = counts_at(read, negatives) if drawn == 1 else running_counts(read, negatives)
        totals = jnp.cumsum(read != items, axis=1, dtype=jnp.float32)
        positive += _bonus(known, totals, configuration, items=items, eps=settings.eps)
        negative += _bonus(others, totals[..., None], configuration, items=items, eps=settings.eps)
    if configuration.sigmoid:
        power = 1.0
        if configuration.loss == "gbce":
            power = losses.beta(drawn, items=items, calibration=settings.calibration)
        return losses.binary(positive, negative, real, power=power)
    same = targets[..., None] == negatives[:, None, :]
    return losses.sampled(positive, negative, same, real)


def masked_loss(
    network: Network, configuration: Configuration, settings: SequenceSettings,
    masked: jax.Array, places: jax.Array, targets: jax.Array, key: jax.Array,
) -> jax.Array:  # fmt: skip
    """Return the loss of predicting hidden items from what stands around them.

    ``places`` and ``targets`` are those of ``windows.hide``. The counts are those of the plays that
    are not hidden.
    """
    items = network.items
    real = targets != items
    targets = jnp.where(real, targets, 0)
    hidden = jnp.take_along_axis(network(masked, training=True), places[..., None], axis=1)
    counts = whole_counts(masked, items=items)
    if items <= settings.full_softmax_items:
        logits = network.scores(hidden)
        if configuration.popularity:
            logits += softmax_bonus(counts, eps=settings.eps)[:, None, :]
        return losses.full(logits, targets, real)
    negatives = jax.random.randint(key, (len(masked), settings.negatives), 0, items)
    positive = network.scores_of(hidden, targets[..., None])[..., 0]
    shared = jnp.broadcast_to(negatives[:, None, :], (*targets.shape, settings.negatives))
    negative = network.scores_of(hidden, shared)
    if configuration.popularity:
        rows = jnp.arange(len(masked))[:, None]
        positive += softmax_bonus(counts[rows, targets], eps=settings.eps)
        negative += softmax_bonus(counts[rows, negatives], eps=settings.eps)[:, None, :]
    return losses.sampled(positive, negative, targets[..., None] == shared, real)


def last_scores(
    network: Network, configuration: Configuration, settings: SequenceSettings, windows: jax.Array
) -> jax.Array:
    """Return the scores of all items after each window: (b, window) to (b, N).

    A masked model reads the last ``window`` - 1 plays and a mask.
    """
    if not configuration.causal:
        masks = jnp.full((len(windows), 1), network.items + 1, windows.dtype)
        windows = jnp.concatenate([windows[:, 1:], masks], axis=1)
    scores = network.scores(network(windows)[:, -1])
    if not configuration.popularity:
        return scores
    counts = whole_counts(windows, items=network.items)
    totals = jnp.sum(counts, axis=1, keepdims=True)
    return scores + _bonus(counts, totals, configuration, items=network.items, eps=settings.eps)


def _bonus(
    counts: jax.Array, totals: jax.Array, configuration: Configuration, *, items: int, eps: float
) -> jax.Array:
    if configuration.sigmoid:
        return sigmoid_logit(counts, totals, items=items, eps=eps)
    return softmax_bonus(counts, eps=eps)
