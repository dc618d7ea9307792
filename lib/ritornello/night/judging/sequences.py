"""Train a sequential model as of a day, and rank by it."""

import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ritornello.arrays import Floats32, Ints32
from ritornello.as_of import before
from ritornello.evaluation.split import border
from ritornello.job import Context
from ritornello.methods.sequential import Sequential, ship_weights
from ritornello.night.judging.day import Day
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.pairs import history_rows
from ritornello.sequence.configuration import CONFIGURATIONS
from ritornello.sequence.shards import write_shards


def can_train() -> bool:
    """Return whether the packages of the extra `sequence` are installed."""
    return all(find_spec(name) for name in ("jax", "flax", "optax"))


def sequence_models(day: Day, names: Sequence[str], *, length: int) -> None:
    """Train models on everything before the day, and rank by them.

    The weights are those that rank the newest tenth of these plays best. All models read the same
    files.
    """
    context, settings = day.context, day.context.settings.sequence
    plays = before(plays_of_kind(context), day.as_of)
    newest = border(plays, newest_share=context.settings.compare.test_share)
    ids = np.sort(day.items.select("item_id").toPandas()["item_id"].to_numpy(np.int32))
    with tempfile.TemporaryDirectory(prefix="ritornello-shards-") as folder:
        judged = write_shards(
            history_rows(context, day.as_of),
            Path(folder),
            border=newest,
            most_judged=settings.validation_listeners,
            seed=settings.seed,
        )
        for name in names:
            weights = _trained(context, name, Path(folder), ids, judged=judged)
            day.scorers[name] = Sequential(
                ship_weights(context.spark, weights, ids),
                CONFIGURATIONS[name],
                window=settings.window,
                eps=settings.eps,
                length=length,
            )


def _trained(
    context: Context, name: str, folder: Path, ids: Ints32, *, judged: int
) -> dict[str, Floats32]:
    """Train one model, say how it went, and return its weights."""
    from ritornello.sequence.training import fit

    with context.console.status(f"{name}: compiling") as status:
        fitted = fit(
            CONFIGURATIONS[name],
            context.settings.sequence,
            folder,
            ids,
            report=lambda line: status.update(f"{name}: {line}"),
        )
    context.console.print(
        f"  {name}: NDCG@10 {fitted.ndcg:.4f} of {judged:,} listeners after {fitted.epochs} epochs "
        f"and {fitted.seconds:.0f} s, ended by {fitted.ending}",
        highlight=False,
    )
    return fitted.weights
