"""Results of a comparison as plain figures.

They are metrics.json, the table for a paper, and the report.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello import __version__
from ritornello.evaluation.recall import candidate_recall
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.methods.definitions import RANKER
from ritornello.night.judging.evaluate import horizon_name, test_truth
from ritornello.night.judging.metrics_report import metrics_report
from ritornello.report.latex import table_tex
from ritornello.report.page import report_html
from ritornello.study.findings import (
    beyond_of_night,
    feature_importances,
    statistics_of_plays,
    tuning_figures,
)
from ritornello.study.gains import (
    OURS,
    Results,
    best_method,
    confidence_intervals,
    gains_by_stratum,
    paired_gains,
)
from ritornello.study.protocol import used_settings
from ritornello.study.settled import Settled


def results_of(context: Context, settled: Settled, *, data: str) -> Results:
    """Collect everything the report shows, as JSON can hold it.

    The shape is in `docs/report.md`.
    """
    first = settled.split.nights[0]
    with context.step("report", first):
        judged = _evaluations(context, settled).persist()
        results = metrics_report(context, judged, _recall(context, settled, first), first)
        results |= {
            "title": f"{len(settled.methods)} methods on {data}",
            "horizon_days": settled.horizon,
            "protocol": _protocol(context, settled),
            "baselines": [name for name in settled.methods if name not in OURS],
            "intervals": confidence_intervals(judged),
            "gains": paired_gains(judged, best_method(results)),
            "strata": gains_by_stratum(context, settled, judged, results["methods"]),
            "beyond": beyond_of_night(context, first),
            "statistics": statistics_of_plays(context),
            **tuning_figures(context, settled),
            "feature_importances": feature_importances(context, first)
            if RANKER in settled.methods
            else None,
            "settings": used_settings(context.settings),
            "versions": {"ritornello": __version__},
        }
        judged.unpersist()
    results["steps"] = _steps(context)
    return {name: value for name, value in results.items() if value is not None}


def write_results(out: Path, results: Results) -> None:
    """Write metrics.json, table.tex and report.html.

    A file `latest` beside the folder points to this run.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (out / "table.tex").write_text(table_tex(results), encoding="utf-8")
    (out / "report.html").write_text(report_html(results), encoding="utf-8")
    (out.parent / "latest").write_text(f"{out.name}\n", encoding="utf-8")


def _evaluations(context: Context, settled: Settled) -> DataFrame:
    """Return the evaluations of this comparison's nights and horizon."""
    rows = context.store.read("evaluations")
    return rows.where(
        F.col("as_of").isin(list(settled.split.nights))
        & (F.col("horizon") == horizon_name(settled.horizon))
    )


def _recall(context: Context, settled: Settled, as_of: datetime) -> DataFrame | None:
    if not context.store.has("candidates", as_of=as_of):
        return None
    truth = test_truth(context, as_of, horizon=settled.horizon)
    return candidate_recall(context.store.read("candidates", as_of=as_of), truth)


def _protocol(context: Context, settled: Settled) -> dict[str, Any]:
    settings = context.settings.compare
    protocol: dict[str, Any] = {
        "name": settings.protocol,
        "listeners": settled.split.listeners,
        "test_from": iso(settled.split.test),
        "validation_from": iso(settled.split.validation),
        "nights": len(settled.split.nights),
        "horizon_days": settled.horizon,
        "options_chosen_on": iso(settled.days.stopping),
        "gains": context.settings.evaluation.gains,
        "items": settings.items,
    }
    return protocol | ({"draw": settings.draw} if settings.items else {})


def _steps(context: Context) -> list[dict[str, Any]]:
    rows = context.store.read("runs").where(F.col("run_id") == context.run_id)
    return [
        {
            "step": f"{row['step']} {iso(row['as_of'])}" if row["as_of"] else row["step"],
            "seconds": row["seconds"],
            "rows": row["rows"],
        }
        for row in rows.orderBy("started_at").collect()
    ]
