"""Trials: how pairs are split, and which parts each stage uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.artists.split import at_least, of_known, random_parts, temporal_parts
from ritornello.as_of import before
from ritornello.errors import BadInputError, UsageError
from ritornello.evaluation.split import border
from ritornello.instants import from_seconds
from ritornello.job import Context
from ritornello.night.state.listened import events_of_kind
from ritornello.settings.study import ArtistSettings
from ritornello.study.artists.inputs import Input

TEMPORAL = "temporal"


@dataclass(frozen=True)
class Stage:
    """The parts that a stage learns from, masks and is judged by.

    Factors and features are of ``fitted``, ``masked`` is never proposed, and ``truth`` is what the
    lists are judged by.
    """

    fitted: tuple[str, ...]
    masked: tuple[str, ...]
    truth: str


BOTH = ("train", "val")
STAGES: Mapping[str, Stage] = {
    "train": Stage(("train",), (), "train"),
    "val": Stage(("train",), ("train",), "val"),
    "test": Stage(("train",), BOTH, "test"),
    "refit": Stage(BOTH, BOTH, "test"),
}


def trials(settings: ArtistSettings, data: Input) -> list[str]:
    """Return the names of the trials that the settings ask for."""
    if settings.split == "temporal" and not data.has_times:
        raise UsageError(f"{data.folder} has no times: set artists.split to random or auto")
    in_time = settings.split == "temporal" or (settings.split == "auto" and data.has_times)
    return [TEMPORAL] if in_time else [f"seed-{seed}" for seed in settings.seeds]


def split_pairs(context: Context, data: Input, trial: str) -> None:
    """Write trial_pairs of one trial.

    Only listeners with a pair to learn from are kept.
    """
    settings = context.settings.artists
    with context.step(f"split {trial}"):
        if trial == TEMPORAL:
            plays = events_of_kind(context).where(F.col("weight") > 0)
            val, test = borders(context, plays)
            split = temporal_parts(plays, val=val, test=test)
            kept = at_least(split.where("part = 'train'"), minimum=settings.min_pairs)
            later = split.where("part <> 'train'")
            split = kept.unionByName(later.select(*kept.columns))
        else:
            pairs = at_least(_pairs(context, data), minimum=settings.min_pairs)
            seed = int(trial.removeprefix("seed-"))
            split = random_parts(pairs, val=settings.val_share, test=settings.test_share, seed=seed)
        context.store.replace("trial_pairs", of_known(split), trial=trial)
    _check(context, trial)


def _pairs(context: Context, data: Input) -> DataFrame:
    """One row per (listener, artist) with its plays of all time."""
    if not data.has_times:
        counts = context.store.read("artist_counts")
        return counts.withColumnRenamed("artist_id", "item_id")
    plays = events_of_kind(context).where(F.col("weight") > 0)
    return plays.groupBy("user_id", "item_id").agg(F.count("*").alias("plays"))


def borders(context: Context, plays: DataFrame) -> tuple[datetime, datetime]:
    """Return where validation and test begin.

    They are the newest shares of all plays.
    """
    settings = context.settings.artists
    test = border(plays, newest_share=settings.test_share)
    share = settings.val_share / (1 - settings.test_share)
    return border(before(plays, test), newest_share=share), test


def catalogue_as_of(context: Context, trial: str) -> datetime:
    """Return the instant as of which names and sounds are known.

    It is the validation's border, or just after the last play for a random split, which knows no
    time.
    """
    plays = events_of_kind(context).where(F.col("weight") > 0)
    if trial == TEMPORAL:
        return borders(context, plays)[0]
    last = plays.agg(F.max(F.unix_seconds("played_at"))).first()
    assert last is not None
    return from_seconds(last[0] + 1)


def _check(context: Context, trial: str) -> None:
    parts = context.store.read("trial_pairs", trial=trial).select("part").distinct()
    if parts.count() < 3:
        raise BadInputError(
            f"{trial}: too few pairs to split into train, validation and test: import more plays "
            "or lower artists.min_pairs"
        )


def pairs_of(context: Context, trial: str, parts: tuple[str, ...]) -> DataFrame:
    """One row per pair of some parts of a trial: (user_id, item_id, plays)."""
    split = context.store.read("trial_pairs", trial=trial)
    return split.where(F.col("part").isin(list(parts))).select("user_id", "item_id", "plays")
