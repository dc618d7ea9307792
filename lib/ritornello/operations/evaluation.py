"""evaluate: honest metrics of the published lists and of every baseline."""

import json
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.table import Table

from ritornello.candidates.sources import popular_items
from ritornello.errors import UsageError
from ritornello.evaluation.baselines import (
    BASELINES,
    als_method,
    own_artists_method,
    personal_lists,
    published_lists,
)
from ritornello.evaluation.metrics import METRIC_COLUMNS, evaluate, means
from ritornello.evaluation.recall import candidate_recall
from ritornello.evaluation.significance import Comparison, compare
from ritornello.evaluation.truth import truth
from ritornello.features.decay import instant
from ritornello.features.history import between
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.operations.candidates import artists_of_items, own_artists
from ritornello.operations.features import plays_of_kind

RANKER = "ranker"


def evaluate_night(context: Context, as_of: datetime) -> str:
    """Judge the lists as of an instant by what was played after it; returns the closing sentence."""
    store, horizon = context.store, context.settings.evaluation.horizon_days
    name = horizon if isinstance(horizon, str) else f"{horizon:g}d"
    with context.step("evaluate", as_of):
        asked = test_truth(context, as_of).persist()
        if asked.isEmpty():
            raise UsageError(f"nothing was played after {iso(as_of)}: there is nothing to judge by")
        lists, methods = all_lists(context, as_of)
        judged = evaluate(lists, asked, methods)
        store.replace("evaluations", judged, as_of=as_of, horizon=name)
        evaluations = store.read("evaluations", as_of=as_of, horizon=name)
        recall = candidate_recall(store.read("candidates", as_of=as_of), asked)
        report = metrics_report(context, evaluations, recall, as_of)
        path = store.write_report(as_of, "metrics.json", json.dumps(report, indent=1))
        asked.unpersist()
    print_table(context, report)
    return f"metrics of {report['listeners']} listeners are in {path}"


def test_truth(context: Context, as_of: datetime) -> DataFrame:
    """What came after the instant, within the horizon of the evaluation."""
    horizon = context.settings.evaluation.horizon_days
    plays = plays_of_kind(context)
    if isinstance(horizon, str):
        later = plays.where(F.col("played_at") >= instant(as_of))
    else:
        later = between(plays, as_of, as_of + timedelta(days=horizon))
    return truth(later, context.store.read("pair_history", as_of=as_of))


def all_lists(context: Context, as_of: datetime) -> tuple[DataFrame, list[str]]:
    """The lists of every method and the methods' names."""
    store, settings = context.store, context.settings
    pairs = store.read("pair_history", as_of=as_of)
    items = store.read("item_stats", as_of=as_of)
    depth = settings.candidates.popular_depth
    row = popular_items(items, by="plays", depth=depth).first()
    personal = personal_lists(pairs, list(row["popular"]) if row else [])
    item = f"{settings.item_kind}_id"
    published = store.read("recommendations", as_of=as_of)
    lists = [
        personal,
        als_method(store.read("als_lists", as_of=as_of)),
        published_lists(published, method=RANKER, item=item),
    ]
    artists = artists_of_items(context)
    if artists is None:
        context.console.print("  artists are unknown: own_artists stays out")
        methods = [name for name in BASELINES if name != "own_artists"]
    else:
        lists.append(own_artists_method(own_artists(context, pairs, items, artists), personal))
        methods = list(BASELINES)
    return reduce(DataFrame.unionByName, lists), [RANKER, *methods]


def metrics_report(
    context: Context, evaluations: DataFrame, recall: DataFrame, as_of: datetime
) -> dict[str, Any]:
    """What stands in metrics.json: means by method and target, recall, paired differences."""
    methods: dict[str, dict[str, dict[str, float]]] = {}
    listeners = 0
    for row in means(evaluations).orderBy("method", "target").collect():
        named = {_at(name): row[name] for name in METRIC_COLUMNS}
        methods.setdefault(row["method"], {})[row["target"]] = {
            **named,
            "listeners": row["listeners"],
        }
        listeners = max(listeners, row["listeners"])
    compared = compare(evaluations, method=RANKER)
    return {
        "as_of": iso(as_of),
        "horizon_days": context.settings.evaluation.horizon_days,
        "listeners": listeners,
        "methods": methods,
        "candidate_recall": _by_source(recall),
        "ranker_against": {one.against: _told(one) for one in compared},
    }


def _at(name: str) -> str:
    metric, _, k = name.rpartition("_")
    return f"{metric}@{k}"


def _by_source(recall: DataFrame) -> dict[str, dict[str, float]]:
    told: dict[str, dict[str, float]] = {}
    for row in recall.orderBy("source", "target").collect():
        told.setdefault(row["source"], {})[row["target"]] = row["recall"]
    return told


def _told(one: Comparison) -> dict[str, float]:
    return {
        "gain_ndcg@40": one.gain,
        "standard_error": one.standard_error,
        "p_bonferroni": one.p_value,
    }


def print_table(context: Context, report: dict[str, Any]) -> None:
    """The table of a night, best NDCG@40 first."""
    table = Table(title=f"as of {report['as_of']}, {report['listeners']} listeners, NDCG")
    for title in ("method", "@5", "@10", "@40", "@100", "repeats @40", "new @40", "gain @40", "p"):
        table.add_column(title, justify="left" if title == "method" else "right")
    methods = report["methods"]
    for name in sorted(methods, key=lambda m: -methods[m]["all"]["ndcg@40"]):
        found = methods[name]
        against = report["ranker_against"].get(name)
        table.add_row(
            name,
            *(f"{found['all'][f'ndcg@{k}']:.4f}" for k in (5, 10, 40, 100)),
            *(
                f"{found.get(kind, {}).get('ndcg@40', float('nan')):.4f}"
                for kind in ("repeats", "new")
            ),
            *(
                (f"{against['gain_ndcg@40']:+.4f}", f"{against['p_bonferroni']:.2g}")
                if against
                else ("", "")
            ),
        )
    context.console.print(table)
    union = report["candidate_recall"].get("union", {})
    told = ", ".join(f"{kind} {value:.3f}" for kind, value in union.items() if value is not None)
    context.console.print(f"  recall of all candidates: {told}")
