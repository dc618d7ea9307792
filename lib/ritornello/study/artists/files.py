"""The files that people expect of a run, written from the tables."""

import csv
import json
from pathlib import Path
from typing import Any

import lightgbm
from matplotlib.figure import Figure
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.artists.blend import best_lists
from ritornello.artists.features import CONTENT, FEATURES
from ritornello.intake.catalogue import csv_files
from ritornello.job import Context
from ritornello.scratch import scratch
from ritornello.study.artists.inputs import Input
from ritornello.study.artists.learn import RERANKERS, best_alpha, reranked
from ritornello.study.artists.propose import recipes
from ritornello.study.artists.trials import catalogue_as_of


def write_files(context: Context, given: Input, names: list[str], told: Any, out: Path) -> None:
    """metrics.json, mappings, and a folder per trial."""
    out.mkdir(parents=True, exist_ok=True)
    _json(out / "metrics.json", told)
    _mappings(context, out)
    for trial in names:
        with context.step(f"files {trial}"):
            _trial_files(context, trial, out / trial)
            if given.has_catalogue:
                _catalogue_files(context, trial, out / trial / "catalogue")


def _catalogue_files(context: Context, trial: str, out: Path) -> None:
    as_of = catalogue_as_of(context, trial)
    told = context.store.read_report(as_of, "coverage.json")
    csv_files.write_files(context, as_of, out, coverage=told)


def _trial_files(context: Context, trial: str, out: Path) -> None:
    store = context.store
    out.mkdir(parents=True, exist_ok=True)
    _parquet(store.read("trial_pairs", trial=trial), out / "splits.parquet")
    candidates = store.read("trial_candidates", trial=trial)
    _parquet(candidates, out / "candidates.parquet", by=["recipe", "stage"])
    _parquet(store.read("rerank_rows", trial=trial), out / "rerank.parquet", by=["recipe", "stage"])
    _json(out / "features.json", list(FEATURES))
    _json(out / "features_meta.json", _meta(context, trial))
    recall = candidate_recall(context, trial)
    for row in store.read("trial_models", trial=trial).collect():
        _model_files(context, trial, row, recall, out / row["method"])


def _model_files(context: Context, trial: str, row: Any, recall: Any, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.txt").write_text(row["native_text"], encoding="utf-8")
    (out / "sweep.jsonl").write_text(row["sweep"] + "\n", encoding="utf-8")
    sweep = [json.loads(line) for line in row["sweep"].splitlines()]
    _csv(out / "sweep.csv", list(sweep[0]), [list(one.values()) for one in sweep])
    _sweep_plot(out / "sweep.svg", sweep)
    best = next(one for one in sweep if one["alpha"] == best_alpha(sweep))
    _json(out / "best.json", best)
    gains = _importances(row)
    _csv(out / "feature_importance.csv", ["feature", "gain", "split"], gains)
    _importance_plot(out / "feature_importance.svg", gains)
    _json(
        out / "report.json",
        {
            "features": list(row["features"]),
            "trees": row["trees"],
            "alpha": row["alpha"],
            "settings": json.loads(row["settings"]),
            "candidate_recall": recall[RERANKERS[row["method"]].recipe],
            "sweep": sweep,
        },
    )
    length = context.settings.artists.k
    with scratch() as held:
        alphas = context.settings.artists.alphas
        blends = held.keep(reranked(context, trial, row["method"], "test", alphas=alphas))
        lists = best_lists(blends, by="final", keys=["user_id", "alpha"], length=length)
        _parquet(lists, out / "top_k.parquet", by=["alpha"])
        _parquet(lists.where(F.col("alpha") == row["alpha"]), out / "top_k_best.parquet")


def candidate_recall(context: Context, trial: str) -> dict[str, dict[str, float]]:
    """recall@top_n of the candidates by recipe and stage: the share of asked pairs they hold."""
    rows = context.store.read("rerank_rows", trial=trial)
    held = rows.groupBy("recipe", "stage").agg(F.sum("label").alias("hits")).collect()
    pairs = context.store.read("trial_pairs", trial=trial).groupBy("part").count().collect()
    sizes = {row["part"]: row["count"] for row in pairs}
    asked = {"train": "train", "val": "val", "test": "test", "refit": "test"}
    found: dict[str, dict[str, float]] = {name: {} for name in recipes(context.settings.artists)}
    for row in held:
        if row["recipe"] in found:
            found[row["recipe"]][row["stage"]] = row["hits"] / sizes[asked[row["stage"]]]
    return found


def _meta(context: Context, trial: str) -> dict[str, Any]:
    """Of each feature on the test rows: share known, mean, spread; constant content is a fault."""
    rows = context.store.read("rerank_rows", trial=trial, recipe="ours", stage="test")
    told = []
    for nth, name in enumerate(FEATURES):
        value = F.nanvl(F.col("features")[nth].cast("double"), F.lit(None).cast("double"))
        told += [
            F.avg(value.isNotNull().cast("double")).alias(f"known_{name}"),
            F.avg(value).alias(f"mean_{name}"),
            F.stddev_pop(value).alias(f"spread_{name}"),
        ]
    row = rows.agg(*told).first()
    assert row is not None
    return {
        name: {
            "known": row[f"known_{name}"],
            "mean": row[f"mean_{name}"],
            "spread": row[f"spread_{name}"],
            "is_content": name in CONTENT,
        }
        for name in FEATURES
    }


def _importances(row: Any) -> list[list[Any]]:
    booster = lightgbm.Booster(model_str=row["native_text"])
    gains = booster.feature_importance("gain", iteration=row["trees"])
    splits = booster.feature_importance("split", iteration=row["trees"])
    told = zip(row["features"], gains, splits, strict=True)
    return sorted(([n, float(g), int(s)] for n, g, s in told), key=lambda one: -one[1])


def _mappings(context: Context, out: Path) -> None:
    store = context.store
    for name, columns in {"users": ["user_id", "source_user_id"],
                          "artists": ["artist_id", "source_artist_id", "artist_name"]}.items():  # fmt: skip
        _parquet(store.read(name).select(*columns), out / f"{name}.parquet")


def _parquet(rows: DataFrame, path: Path, *, by: list[str] | None = None) -> None:
    """Written where the rows are: these tables grow with listeners."""
    writer = rows.coalesce(4).write.mode("overwrite")
    writer.partitionBy(*(by or [])).parquet(str(path.resolve()))


def _json(path: Path, told: Any) -> None:
    path.write_text(json.dumps(told, indent=2, sort_keys=False) + "\n", encoding="utf-8")


def _csv(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _sweep_plot(path: Path, sweep: list[dict[str, float]]) -> None:
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    for name in [key for key in sweep[0] if key != "alpha"]:
        axes.plot([one["alpha"] for one in sweep], [one[name] for one in sweep], "o-", label=name)
    axes.set_xlabel("alpha: share of the ranker in the blend")
    axes.set_ylabel("on validation")
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


def _importance_plot(path: Path, gains: list[list[Any]]) -> None:
    shown = gains[:20][::-1]
    figure = Figure(figsize=(6, 0.6 + 0.24 * len(shown)), layout="constrained")
    axes = figure.subplots()
    axes.barh([one[0] for one in shown], [one[1] for one in shown])
    axes.set_xlabel("gain")
    figure.savefig(path, metadata={"Date": None})
