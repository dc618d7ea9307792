"""Write the files that people expect of a run from its tables."""

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
from ritornello.tables.reports import read_report


def write_files(context: Context, data: Input, names: list[str], figures: Any, out: Path) -> None:
    """Write metrics.json, the mappings, and a folder per trial."""
    out.mkdir(parents=True, exist_ok=True)
    _json(out / "metrics.json", figures)
    _mappings(context, out)
    for trial in names:
        with context.step(f"files {trial}"):
            _trial_files(context, trial, out / trial)
            if data.has_catalogue:
                _catalogue_files(context, trial, out / trial / "catalogue")


def _catalogue_files(context: Context, trial: str, out: Path) -> None:
    as_of = catalogue_as_of(context, trial)
    report = read_report(context.store, as_of, "coverage.json")
    csv_files.write_files(context, as_of, out, coverage=report)


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
    with scratch() as scratchpad:
        alphas = context.settings.artists.alphas
        blends = scratchpad.keep(reranked(context, trial, row["method"], "test", alphas=alphas))
        lists = best_lists(blends, by="final", keys=["user_id", "alpha"], length=length)
        _parquet(lists, out / "top_k.parquet", by=["alpha"])
        _parquet(lists.where(F.col("alpha") == row["alpha"]), out / "top_k_best.parquet")


def candidate_recall(context: Context, trial: str) -> dict[str, dict[str, float]]:
    """Return recall@top_n of the candidates by recipe and stage.

    It is the share of the stage's true pairs that the candidates hold.
    """
    rows = context.store.read("rerank_rows", trial=trial)
    hits = rows.groupBy("recipe", "stage").agg(F.sum("label").alias("hits")).collect()
    pairs = context.store.read("trial_pairs", trial=trial).groupBy("part").count().collect()
    sizes = {row["part"]: row["count"] for row in pairs}
    part_of = {"train": "train", "val": "val", "test": "test", "refit": "test"}
    recall: dict[str, dict[str, float]] = {name: {} for name in recipes(context.settings.artists)}
    for row in hits:
        if row["recipe"] in recall:
            recall[row["recipe"]][row["stage"]] = row["hits"] / sizes[part_of[row["stage"]]]
    return recall


def _meta(context: Context, trial: str) -> dict[str, Any]:
    """Return each feature's known share, mean and spread on the test rows.

    A content feature that is constant is a fault.
    """
    rows = context.store.read("rerank_rows", trial=trial, recipe="ours", stage="test")
    columns = []
    for nth, name in enumerate(FEATURES):
        value = F.nanvl(F.col("features")[nth].cast("double"), F.lit(None).cast("double"))
        columns += [
            F.avg(value.isNotNull().cast("double")).alias(f"known_{name}"),
            F.avg(value).alias(f"mean_{name}"),
            F.stddev_pop(value).alias(f"spread_{name}"),
        ]
    row = rows.agg(*columns).first()
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
    rows = zip(row["features"], gains, splits, strict=True)
    return sorted(([n, float(g), int(s)] for n, g, s in rows), key=lambda one: -one[1])


def _mappings(context: Context, out: Path) -> None:
    store = context.store
    for name, columns in {"users": ["user_id", "source_user_id"],
                          "artists": ["artist_id", "source_artist_id", "artist_name"]}.items():  # fmt: skip
        _parquet(store.read(name).select(*columns), out / f"{name}.parquet")


def _parquet(rows: DataFrame, path: Path, *, by: list[str] | None = None) -> None:
    """Write rows in parallel, because these tables grow with listeners."""
    writer = rows.coalesce(4).write.mode("overwrite")
    writer.partitionBy(*(by or [])).parquet(str(path.resolve()))


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=False) + "\n", encoding="utf-8")


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
