"""The parts on how the lists are made: sources, scores, eps, features, steps."""

from typing import Any

from ritornello.report import charts
from ritornello.report.ink import MARKS
from ritornello.report.parts import Part, Picture, Results, Table, legend
from ritornello.report.words import TARGET_NAMES, amount, known, score
from ritornello.tables.contracts import TARGETS

FEATURES = 20


def candidate_recall(results: Results) -> Part:
    """Draw the share of later plays that each source proposed."""
    recall = results.get("candidate_recall") or {}
    order = sorted(recall, key=lambda source: (-(known(recall[source].get("all")) or 0), source))
    rows = [(source, [known(recall[source].get(t)) for t in TARGETS]) for source in order]
    pictures = []
    if rows:
        best = f"{rows[0][0]} holds the largest share of all later plays: {score(rows[0][1][0])}."
        svg = charts.named_bars("candidate-recall", rows, score)
        named = legend([TARGET_NAMES[target] for target in TARGETS])
        pictures = [Picture("candidate-recall", "Recall by source", best, svg, named)]
    return Part(
        "candidate-recall",
        "Recall of the candidate sources",
        "A bar is the share of the tracks played later that a source proposed at all: no ranker "
        "can find what no source brings.",
        pictures=pictures,
    )


def calibration(results: Results) -> Part:
    """Draw predicted against observed shares, to check that scores are probabilities."""
    rows = [
        row
        for row in results.get("calibration") or ()
        if known(row.get("predicted")) is not None and known(row.get("observed")) is not None
    ]
    return Part(
        "calibration",
        "Calibration of the scores",
        "Each dot is a group of pairs with similar scores: on the dashed line the predicted share "
        "of plays is the observed one; below it the scores promise too much.",
        pictures=[_calibrated(rows)] if rows else [],
    )


def _calibrated(rows: list[dict[str, Any]]) -> Picture:
    xs, ys = ([float(row[key]) for row in rows] for key in ("predicted", "observed"))
    far = max(rows, key=lambda row: abs(row["predicted"] - row["observed"]))
    message = (
        f"Where prediction and observation are farthest apart, {score(far['predicted'])} was "
        f"predicted and {score(far['observed'])} observed, in {amount(far['pairs'])} pairs."
    )
    names = ("predicted share of plays", "observed share of plays")
    svg = charts.against_diagonal("calibration", xs, ys, axes_names=names)
    numbers = Table(
        "Numbers of this picture",
        ("Score", "Predicted", "Observed", "Pairs"),
        [
            [
                f"{amount(row.get('low'))} to {amount(row.get('high'))}",
                score(row["predicted"]),
                score(row["observed"]),
                amount(row["pairs"]),
            ]
            for row in rows
        ],
    )
    return Picture("calibration", "Predicted and observed", message, svg, numbers=numbers)


def eps_sweep(results: Results) -> Part:
    """Draw NDCG by the smoothing eps of personal popularity."""
    rows = results.get("eps_sweep") or []
    return Part(
        "eps-sweep",
        "Smoothing of personal popularity (eps)",
        "A line is a form of personal popularity; the smaller eps, the more a listener's own "
        "counts decide; places on the axis are evenly spaced, and upwards it does not start at 0.",
        pictures=[_swept(rows, metric) for metric in ("ndcg@10", "ndcg@40")] if rows else [],
    )


def _swept(rows: list[dict[str, Any]], metric: str) -> Picture:
    values = sorted({float(row["eps"]) for row in rows})
    forms = list(dict.fromkeys(str(row["form"]) for row in rows))[: len(MARKS)]
    scores = {(str(row["form"]), float(row["eps"])): known(row.get(metric)) for row in rows}
    series = [(range(len(values)), [scores.get((f, eps)) for eps in values]) for f in forms]
    name, title = metric.replace("@", "-"), metric.upper()
    best = max(rows, key=lambda row: known(row.get(metric)) or 0)
    svg = charts.lines(
        f"eps-{name}", series, axes_names=("eps", title), ticks=[f"{v:g}" for v in values]
    )
    message = f"Best: {best['form']} with eps {best['eps']:g} ({score(best.get(metric))})."
    return Picture(f"eps-{name}", f"{title} by eps", message, svg, legend(forms))


def importances(results: Results) -> Part:
    """Draw each feature's share of the ranker's gain."""
    rows = sorted(
        results.get("feature_importances") or (), key=lambda row: (-row["gain"], row["feature"])
    )
    whole = sum(row["gain"] for row in rows) or 1
    return Part(
        "feature-importances",
        "Feature importances",
        "A bar is a feature's share of all that the ranker's splits gained; it tells what the "
        "ranker uses, not what causes a play.",
        pictures=[_important(rows, whole)] if rows else [],
    )


def _important(rows: list[dict[str, Any]], whole: float) -> Picture:
    shares = [(str(row["feature"]), [row["gain"] / whole]) for row in rows[:FEATURES]]
    svg = charts.named_bars("feature-importances", shares, lambda share: f"{100 * share:.1f} %")
    message = f"{rows[0]['feature']} brings {100 * rows[0]['gain'] / whole:.1f} % of all gain."
    numbers = Table(
        "All features",
        ("Feature", "Gain", "Splits"),
        [[str(row["feature"]), amount(row["gain"]), amount(row.get("splits"))] for row in rows],
    )
    title = f"The {len(shares)} most important of {len(rows)} features"
    return Picture("feature-importances", title, message, svg, numbers=numbers)


def steps(results: Results) -> Part:
    """Show seconds and rows of every step."""
    rows = results.get("steps") or []
    longest = max(rows, key=lambda row: row["seconds"], default=None)
    pictures = []
    if longest:
        bars = [(str(row["step"]), [known(row["seconds"])]) for row in rows]
        svg = charts.named_bars("steps", bars, lambda seconds: f"{seconds:,.1f} s")
        message = f"{longest['step']} takes longest: {longest['seconds']:,.1f} seconds."
        cells = [
            [str(row["step"]), f"{row['seconds']:,.1f}", amount(row.get("rows"))] for row in rows
        ]
        numbers = Table("Seconds and rows", ("Step", "Seconds", "Rows written"), cells)
        pictures = [Picture("steps", "Seconds by step", message, svg, numbers=numbers)]
    return Part(
        "steps",
        "Seconds and rows",
        "A bar is the time that a step took on this machine, in the order of the run.",
        pictures=pictures,
    )
