"""Trials: how pairs are split, and which parts each stage learns from, masks and asks."""

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
    """``fitted``: parts that factors and features are of; ``masked``: never proposed; ``asked``."""

    fitted: tuple[str, ...]
    masked: tuple[str, ...]
    asked: str


BOTH = ("train", "val")
STAGES: Mapping[str, Stage] = {
    "train": Stage(("train",), (), "train"),
    "val": Stage(("train",), ("train",), "val"),
    "test": Stage(("train",), BOTH, "test"),
    "refit": Stage(BOTH, BOTH, "test"),
}


def trials(settings: ArtistSettings, given: Input) -> list[str]:
    """The names of the trials that the settings ask for."""
    if settings.split == "temporal" and not given.has_times:
        raise UsageError(f"{given.folder} has no times: artists.split temporal needs them")
    in_time = settings.split == "temporal" or (settings.split == "auto" and given.has_times)
    return [TEMPORAL] if in_time else [f"seed-{seed}" for seed in settings.seeds]


def split_pairs(context: Context, given: Input, trial: str) -> None:
    """trial_pairs of one trial, of listeners who have a pair to learn from."""
    settings = context.settings.artists
    with context.step(f"split {trial}"):
        if trial == TEMPORAL:
            plays = events_of_kind(context).where(F.col("weight") > 0)
            val, test = borders(context, plays)
            split = temporal_parts(plays, val=val, test=test)
            kept = at_least(split.where("part = 'train'"), minimum=settings.min_pairs)
            asked = split.where("part <> 'train'")
            split = kept.unionByName(asked.select(*kept.columns))
        else:
            pairs = at_least(_pairs(context, given), minimum=settings.min_pairs)
            seed = int(trial.removeprefix("seed-"))
            split = random_parts(pairs, val=settings.val_share, test=settings.test_share, seed=seed)
        context.store.replace("trial_pairs", of_known(split), trial=trial)
    _check(context, trial)


def _pairs(context: Context, given: Input) -> DataFrame:
    """One (listener, artist) with its plays of all time."""
    if not given.has_times:
        counts = context.store.read("artist_counts")
        return counts.withColumnRenamed("artist_id", "item_id")
    plays = events_of_kind(context).where(F.col("weight") > 0)
    return plays.groupBy("user_id", "item_id").agg(F.count("*").alias("plays"))


def borders(context: Context, plays: DataFrame) -> tuple[datetime, datetime]:
    """Where validation and test begin: the newest shares of all plays."""
    settings = context.settings.artists
    test = border(plays, newest_share=settings.test_share)
    share = settings.val_share / (1 - settings.test_share)
    return border(before(plays, test), newest_share=share), test


def catalogue_as_of(context: Context, trial: str) -> datetime:
    """Names and sounds are known as of the validation's border; a random split knows no time."""
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
            f"{trial}: too few pairs to split into train, validation and test: give more listening "
            "or lower artists.min_pairs"
        )


def pairs_of(context: Context, trial: str, parts: tuple[str, ...]) -> DataFrame:
    """(user_id, item_id, plays) of some parts of a trial."""
    split = context.store.read("trial_pairs", trial=trial)
    return split.where(F.col("part").isin(list(parts))).select("user_id", "item_id", "plays")
