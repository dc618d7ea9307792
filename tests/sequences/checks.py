"""Compare a warehouse with the model, and its last night with a rebuild from nothing."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.job import Context
from ritornello.night.graph import run_step
from ritornello.night.publication.served import served_night
from ritornello.night.refresh import plan
from ritornello.night.state.build_transitions import build_transitions, transition_rows
from ritornello.night.state.pairs import pair_rows
from ritornello.night.state_steps import checkpoint_step, features_step
from ritornello.night.steps import candidates_step, recommend_step
from ritornello.tables.store import Store
from sequences.model import Lists, Play, Warehouse

DERIVED = (
    *("pair_checkpoints", "pair_history", "histories", "item_stats", "user_profile"),
    *("transition_months", "transition_sums", "transitions", "candidates", "als_lists"),
    *("recommendations", "samples"),
)


def plays_of(store: Store) -> set[Play]:
    """The stored plays under the source's keys."""
    rows = (
        store.read("plays")
        .join(store.read("users"), "user_id")
        .join(store.read("tracks"), "track_id")
        .select(
            "source_user_id", "source_track_id", F.unix_seconds("played_at").alias("s"), "weight"
        )
    )
    return {(*map(number_of, row[:2]), *row[2:]) for row in rows.collect()}


def number_of(key: str) -> int:
    """The model's number of a source key, such as person-7 or 7."""
    return int(key.rpartition("-")[2])


def artists_of(store: Store) -> dict[int, str]:
    """The artist of every stored track, by the source's keys."""
    rows = store.read("tracks").join(store.read("artists"), "artist_id")
    return {number_of(row.source_track_id): row.artist_name for row in rows.collect()}


def lists_of(store: Store, as_of: datetime) -> Lists:
    """The lists of a night under the source's keys."""
    rows = store.read("recommendations", as_of=as_of).orderBy("rank").collect()
    lists: Lists = {}
    for row in rows:
        by_list = lists.setdefault(number_of(row.source_user_id), {})
        by_list.setdefault(row.list, []).append(number_of(row.source_track_id))
    return lists


def against_model(context: Context, model: Warehouse) -> list[str]:
    """Differences of plays and of the served night."""
    store, wrong = context.store, []
    stored = plays_of(store)
    if stored != model.plays:
        wrong.append(
            f"plays: {len(stored - model.plays)} too many, {len(model.plays - stored)} lost"
        )
    wrong += [
        f"artist of {n}: {name}"
        for n, name in artists_of(store).items()
        if name != model.artists.get(n, name)
    ]
    served = served_night(store)
    if (served.as_of if served else None) != model.served():
        wrong.append(f"served: {served}, right is {model.served()}")
    return wrong


def after_refresh(context: Context, model: Warehouse, as_of: datetime) -> list[str]:
    """Differences of a night that was just made: its lists, and what is still to be done."""
    wrong = model.faults(lists_of(context.store, as_of), as_of)
    sentence = plan(context, as_of)
    if not sentence.startswith("0 of "):
        wrong.append(f"run again: {sentence}")
    return wrong


def against_rebuild(context: Context, as_of: datetime, folder: Path) -> list[str]:
    """Differences of the night's sums and lists from a rebuild from nothing but plays and models."""
    shutil.copytree(context.store.warehouse, folder)
    for name in DERIVED:
        shutil.rmtree(folder / "track" / name, ignore_errors=True)
    store = Store(context.spark, str(folder))
    settings = context.settings.model_copy(update={"warehouse": str(folder)})
    anew = replace(context, store=store, settings=settings)
    run_step(anew, checkpoint_step(anew, as_of))
    run_step(anew, features_step(anew, as_of))
    wrong = []
    for name, key in (("item_stats", ["item_id"]), ("user_profile", ["user_id"])):
        pair = (
            one.store.read(name, as_of=as_of).drop("as_of", "plays_version")
            for one in (context, anew)
        )
        wrong += [f"{name}: {why}" for why in differences(*pair, key)]
    key = ["user_id", "item_id"]
    wrong += [
        f"pairs: {why}"
        for why in differences(pair_rows(context, as_of), pair_rows(anew, as_of), key)
    ]
    for one in (context, anew):
        build_transitions(one, last=as_of)
    key = ["item_id", "next_item_id"]
    frames = (transition_rows(one, as_of) for one in (context, anew))
    wrong += [f"transitions: {why}" for why in differences(*frames, key)]
    return wrong + list(_lists_against_rebuild(context, anew, as_of))


def _lists_against_rebuild(context: Context, anew: Context, as_of: datetime) -> Iterable[str]:
    """Who was due gets the lists of a whole night, given the same factors and ranker."""
    due = context.store.read("candidates", as_of=as_of).select("user_id").distinct()
    due = {row.user_id for row in due.collect()}
    runs = context.store.read("runs").where("step = 'recommend' AND outcome = 'ok'")
    inputs = runs.where(F.col("as_of") == F.lit(as_of)).orderBy(F.desc("started_at")).first().inputs
    ranker = next(name.split()[2] for name in inputs if name.startswith("models "))
    run_step(anew, candidates_step(anew, as_of))
    run_step(anew, recommend_step(anew, as_of, ranker))
    columns = ["user_id", "list", "rank", "track_id"]
    short, whole = (
        one.store.read("recommendations", as_of=as_of).select(*columns).toPandas()
        for one in (context, anew)
    )
    for frame in (short, whole):
        frame.sort_values(columns[:3], inplace=True)
    mine, theirs = (frame[frame["user_id"].isin(due)] for frame in (short, whole))
    if not mine.reset_index(drop=True).equals(theirs.reset_index(drop=True)):
        both = mine.merge(theirs, on=columns[:3], how="outer", suffixes=("", "_whole"))
        off = both[both["track_id"] != both["track_id_whole"]]
        yield f"lists of {len(due)} due listeners: {len(off)} of {len(both)} places differ"
    if set(short["user_id"]) != set(whole["user_id"]):
        yield f"listeners: {set(short['user_id']) ^ set(whole['user_id'])}"


def differences(one: DataFrame, other: DataFrame, key: list[str]) -> list[str]:
    """Why two tables are not the same: counts and times exactly, sums to 1e-9 of their size."""
    left, right = (
        df.select(*sorted(one.columns)).toPandas().sort_values(key).reset_index(drop=True)
        for df in (one, other)
    )
    if len(left) != len(right):
        return [f"{len(left)} rows, {len(right)} in the rebuild"]
    return [name for name in left.columns if not _alike(left[name], right[name])]


def _alike(one: pd.Series, other: pd.Series) -> bool:
    if one.dtype.kind == "f":
        return np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)
    if one.dtype == object and len(one) and isinstance(one.iloc[0], (list, np.ndarray)):
        pairs = zip(one, other, strict=True)
        return all(
            np.allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-9)
            if _numbers(a)
            else list(a) == list(b)
            for a, b in pairs
        )
    return bool((one.isna() == other.isna()).all() and (one.dropna() == other.dropna()).all())


def _numbers(values: object) -> bool:
    return np.asarray(values).dtype.kind in "if"
