"""Train a sequential model, and keep the weights that rank later plays best."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from ritornello.arrays import Floats64, Ints32
from ritornello.sequence.configuration import Configuration
from ritornello.sequence.network import Network, weights_of
from ritornello.sequence.objective import causal_loss, last_scores, masked_loss
from ritornello.sequence.shards import Listener, read_shards
from ritornello.sequence.windows import batches, hide, last_window, random_windows
from ritornello.settings.sequence import SequenceSettings

JUDGED_AT_ONCE = 64
BUFFERED_BATCHES = 64
PLACES = 10
DISCOUNTS: Floats64 = 1 / np.log2(np.arange(2, PLACES + 2))


@dataclass
class Fitted:
    """The best weights by name, and how training went.

    ``ending`` is patience, epochs or minutes.
    """

    weights: dict[str, Any]
    ndcg: float
    epochs: int
    ending: str
    seconds: float
    curve: list[tuple[float, float]] = field(default_factory=list)


def fit(
    configuration: Configuration,
    settings: SequenceSettings,
    folder: Path,
    ids: Ints32,
    *,
    clock: Callable[[], float] = time.monotonic,
    report: Callable[[str], None] = lambda line: None,
) -> Fitted:
    """Train on the shards in ``folder`` and return the best weights.

    ``ids`` are the sorted ids of the catalogue. Where no listener can be judged, the smallest loss
    chooses. With one seed, the result on one machine is the same
    to the last bit, unless ``minutes`` ended it.
    """
    trainer = _Trainer(configuration, settings, folder, ids)
    started = clock()
    best = Fitted(weights_of(trainer.network), trainer.judge(), 0, "epochs", 0.0)
    worse, most = 0, best.ndcg if trainer.judged else -math.inf
    for epoch in range(1, settings.epochs + 1):
        loss = trainer.epoch(epoch, until=started + 60 * settings.minutes, clock=clock)
        ndcg = trainer.judge()
        best.curve.append((loss, ndcg))
        best.epochs, best.seconds = epoch, clock() - started
        report(f"epoch {epoch}, loss {loss:.4f}, NDCG@{PLACES} {ndcg:.4f}")
        merit = ndcg if trainer.judged else -loss
        worse += 1
        if merit > most:
            best.weights, best.ndcg, worse, most = weights_of(trainer.network), ndcg, 0, merit
        if worse >= settings.patience:
            best.ending = "patience"
            break
        if best.seconds >= 60 * settings.minutes:
            best.ending = "minutes"
            break
    return best


class _Trainer:
    def __init__(
        self, configuration: Configuration, settings: SequenceSettings, folder: Path, ids: Ints32
    ) -> None:
        self.configuration, self.settings = configuration, settings
        self.folder, self.ids = folder, ids
        self.items = len(ids)
        self.network = Network(configuration, settings, items=self.items, seed=settings.seed)
        self.optimizer = nnx.Optimizer(
            self.network, optax.adam(settings.learning_rate), wrt=nnx.Param
        )
        self.judged = [one for one in read_shards(folder, ids) if one.judged and len(one.truth)]
        self.step = _step_of(configuration, settings)
        self.score = _score_of(configuration, settings)

    def epoch(self, number: int, *, until: float, clock: Callable[[], float]) -> float:
        """Train until the windows of all listeners were seen, and return the mean loss."""
        random = np.random.default_rng((self.settings.seed, number))
        key = jax.random.key(self.settings.seed * 100_003 + number)
        losses = []
        for at, windows in enumerate(self._windows(random)):
            if at == self.settings.steps_per_epoch or clock() > until:
                break
            losses.append(
                self.step(self.network, self.optimizer, *windows, jax.random.fold_in(key, at))
            )
        return float(np.mean(jax.device_get(losses))) if losses else float("nan")

    def _windows(self, random: np.random.Generator) -> Iterator[tuple[jax.Array, ...]]:
        settings, padding = self.settings, self.items
        length = settings.window + int(self.configuration.causal)
        drawn = (
            window
            for listener in read_shards(self.folder, self.ids, random=random)
            for window in random_windows(
                listener.training, length=length, padding=padding, random=random
            )
        )
        for batch in batches(
            drawn,
            size=settings.batch,
            length=length,
            padding=padding,
            buffer=BUFFERED_BATCHES * settings.batch,
            random=random,
        ):
            if self.configuration.causal:
                yield (jnp.asarray(batch),)
            else:
                most = max(1, int(2 * settings.mask_share * settings.window))
                hidden = hide(
                    batch, share=settings.mask_share, padding=padding, most=most, random=random
                )
                yield tuple(jnp.asarray(one) for one in hidden)

    def judge(self) -> float:
        """Return the mean NDCG@10 of the judged listeners' later plays, each item counted once."""
        gains = [
            _ndcg(row, one.truth)
            for start in range(0, len(self.judged), JUDGED_AT_ONCE)
            for some in [self.judged[start : start + JUDGED_AT_ONCE]]
            for row, one in zip(self._best(some), some, strict=True)
        ]
        return float(np.mean(gains)) if gains else 0.0

    def _best(self, listeners: list[Listener]) -> Ints32:
        windows = np.full((JUDGED_AT_ONCE, self.settings.window), self.items, np.int32)
        for row, one in enumerate(listeners):
            windows[row] = last_window(
                one.training, length=self.settings.window, padding=self.items
            )
        best = jax.device_get(self.score(self.network, jnp.asarray(windows)))
        rows: Ints32 = best[: len(listeners)].astype(np.int32)
        return rows


def _ndcg(best: Ints32, truth: Ints32) -> float:
    hits = np.isin(best, truth)
    ideal = DISCOUNTS[: min(len(truth), PLACES)].sum()
    return float(DISCOUNTS[: len(best)][hits].sum() / ideal)


def _step_of(configuration: Configuration, settings: SequenceSettings) -> Callable[..., jax.Array]:
    loss_of = causal_loss if configuration.causal else masked_loss

    @nnx.jit  # type: ignore[untyped-decorator]
    def step(network: Network, optimizer: Any, *inputs: jax.Array) -> jax.Array:
        def loss(network: Network) -> jax.Array:
            return loss_of(network, configuration, settings, *inputs)

        value, gradients = nnx.value_and_grad(loss)(network)
        optimizer.update(network, gradients)
        return value

    return step  # type: ignore[no-any-return]


def _score_of(configuration: Configuration, settings: SequenceSettings) -> Callable[..., jax.Array]:
    @nnx.jit  # type: ignore[untyped-decorator]
    def score(network: Network, windows: jax.Array) -> jax.Array:
        scores = last_scores(network, configuration, settings, windows)
        return jax.lax.top_k(scores, min(PLACES, scores.shape[-1]))[1]

    return score  # type: ignore[no-any-return]
