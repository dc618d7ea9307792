"""The same network in numpy, so that executors score listeners without JAX.

One window at a time: only the vector of its last position is needed.
"""

from collections.abc import Mapping

import numpy as np

from ritornello.arrays import Floats32, Floats64, Ints32
from ritornello.sequence.configuration import Configuration

Weights = Mapping[str, Floats32]
NORM_EPS = 1e-6


def all_scores(
    weights: Weights, configuration: Configuration, window: Ints32, *, eps: float
) -> Floats64:
    """Return the scores of all items after a window: (N,)."""
    items = len(weights["read/embedding"]) - 2
    if not configuration.causal:
        window = np.append(window[1:], np.int32(items + 1))
    vectors = weights.get("scored/embedding", weights["read/embedding"][:items])
    scores = (vectors @ _last_vector(weights, configuration, window)).astype(np.float64)
    if "offsets" in weights:
        scores += weights["offsets"]
    if configuration.popularity:
        counts = np.bincount(window, minlength=items + 2)[:items].astype(np.float64)
        scores += _bonus(counts, configuration, eps=eps)
    return scores


def _bonus(counts: Floats64, configuration: Configuration, *, eps: float) -> Floats64:
    if configuration.sigmoid:
        others = counts.sum() - counts + (len(counts) - 1) * eps
        logits: Floats64 = np.log(counts + eps) - np.log(others)
        return logits
    bonus: Floats64 = np.log1p(counts / eps)
    return bonus


def _last_vector(weights: Weights, configuration: Configuration, window: Ints32) -> Floats32:
    """Return the vector of the last position.

    Padding is cut off first: nothing attends to it.
    """
    items = len(weights["read/embedding"]) - 2
    start = int(np.argmax(window != items)) if (window != items).any() else len(window) - 1
    x = weights["read/embedding"][window[start:]] + weights["positions/embedding"][start:]
    last = 0
    while f"blocks/{last}/first_norm/scale" in weights:
        x = _block(weights, f"blocks/{last}", configuration, x)
        last += 1
    return _norm(weights, "last_norm", x[-1])


def _block(weights: Weights, name: str, configuration: Configuration, x: Floats32) -> Floats32:
    attended = _attention(
        weights, f"{name}/attention", _norm(weights, f"{name}/first_norm", x), configuration
    )
    x = x + _gated(weights, f"{name}/first_gate", x, attended)
    fed = _feed_forward(
        weights, f"{name}/feed_forward", _norm(weights, f"{name}/second_norm", x), configuration
    )
    return x + _gated(weights, f"{name}/second_gate", x, fed)


def _attention(weights: Weights, name: str, x: Floats32, configuration: Configuration) -> Floats32:
    query, key, value = (
        np.einsum("td,dhe->hte", x, weights[f"{name}/{part}/kernel"])
        + weights[f"{name}/{part}/bias"][:, None, :]
        for part in ("query", "key", "value")
    )
    logits = np.einsum("hte,hse->hts", query, key) / np.sqrt(np.float32(query.shape[-1]))
    if configuration.causal:
        logits = np.where(np.tri(len(x), dtype=bool), logits, -np.inf)
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    mixed = np.einsum("hts,hse->the", shares, value)
    out: Floats32 = np.einsum("the,hed->td", mixed, weights[f"{name}/out/kernel"])
    return out + weights[f"{name}/out/bias"]


def _feed_forward(
    weights: Weights, name: str, x: Floats32, configuration: Configuration
) -> Floats32:
    wide = _dense(weights, f"{name}/widen", x)
    if configuration.gated:
        gate = _dense(weights, f"{name}/gate", x)
        return _dense(weights, f"{name}/narrow", gate * _sigmoid(gate) * wide)
    active = np.maximum(wide, 0) if configuration.causal else _gelu(wide)
    return _dense(weights, f"{name}/narrow", active)


def _gated(weights: Weights, name: str, x: Floats32, addition: Floats32) -> Floats32:
    if f"{name}/kernel" not in weights:
        return addition
    return _sigmoid(_dense(weights, name, x)) * addition


def _dense(weights: Weights, name: str, x: Floats32) -> Floats32:
    product: Floats32 = x @ weights[f"{name}/kernel"]
    return product + weights[f"{name}/bias"] if f"{name}/bias" in weights else product


def _norm(weights: Weights, name: str, x: Floats32) -> Floats32:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(NORM_EPS))
    normed: Floats32 = centred / spread * weights[f"{name}/scale"] + weights[f"{name}/bias"]
    return normed


def _sigmoid(x: Floats32) -> Floats32:
    half: Floats32 = 0.5 * (1 + np.tanh(x / 2))
    return half


def _gelu(x: Floats32) -> Floats32:
    """Return the tanh form of GELU, which JAX takes by default."""
    inner = np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * x**3)
    gelu: Floats32 = np.float32(0.5) * x * (1 + np.tanh(inner))
    return gelu
