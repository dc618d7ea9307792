"""Two examples judged by another library, as JSON: run it where that library is installed.

    python tests/evaluation/other_libraries.py rectools|ranx|recommenders > …

The answers are kept in other_libraries.json, so that the tests need none of the three.
"""

import importlib.metadata
import json
import sys

K = 5
# by hand: listener 1 has two hits of three, 2 one of seven (more than k), 3 none, 4 has no list
HAND = (
    {1: [10, 11, 12, 13, 14], 2: [20, 21], 3: [30, 31, 32, 33, 34]},
    {1: [10, 12, 40], 2: [21, 22, 23, 24, 25, 26, 27], 3: [35], 4: [10]},
)
# by arithmetic: 50 listeners, lists of 1 to 12 of 37 items, 1 to 9 test items
MANY = (
    {u: [(u * 11 + n * 7) % 37 for n in range(1 + u % 12)] for u in range(1, 51)},
    {u: sorted({(u * u + n * n * 5) % 37 for n in range(1 + u % 9)}) for u in range(1, 51)},
)
GRADED = ({1: HAND[0][1]}, {1: {10: 1, 12: 2, 40: 1}})  # the second hit is liked


def rectools(lists, truth):
    import pandas as pd
    from rectools import Columns
    from rectools.metrics import MAP, NDCG, Precision, Recall

    ranked = [(u, i, rank) for u, items in lists.items() for rank, i in enumerate(items, 1)]
    reco = pd.DataFrame(ranked, columns=[Columns.User, Columns.Item, Columns.Rank])
    played = pd.DataFrame(pairs(truth), columns=[Columns.User, Columns.Item])
    metrics = {
        "Precision": Precision(k=K),
        "Recall": Recall(k=K),
        "MAP": MAP(k=K),
        "MAP(divide_by_k)": MAP(k=K, divide_by_k=True),
        "NDCG": NDCG(k=K),
        "NDCG(divide_by_achievable)": NDCG(k=K, divide_by_achievable=True),
    }
    return {
        name: {
            "each": {str(u): float(v) for u, v in one.calc_per_user(reco, played).items()},
            "mean": float(one.calc(reco, played)),
        }
        for name, one in metrics.items()
    }


def ranx(lists, truth):
    from ranx import Qrels, Run, evaluate

    gains = {str(u): {str(i): gain for i, gain in of(wanted)} for u, wanted in truth.items()}
    run = Run({str(u): {str(i): 1 / n for n, i in enumerate(x, 1)} for u, x in lists.items()})
    found = {}
    for name in ("precision", "recall", "map", "ndcg", "ndcg_burges"):
        qrels = Qrels(gains)
        each = evaluate(qrels, run, f"{name}@{K}", return_mean=False, make_comparable=True)
        by_user = {u: float(v) for u, v in zip(qrels.keys(), each, strict=True)}
        mean = evaluate(qrels, run, f"{name}@{K}", make_comparable=True)
        found[name] = {"each": by_user, "mean": float(mean)}
    return found


def recommenders(lists, truth):
    import pandas as pd
    from recommenders.evaluation import python_evaluation as metrics

    ranked = [(u, i, 1 / rank) for u, items in lists.items() for rank, i in enumerate(items, 1)]
    reco = pd.DataFrame(ranked, columns=["userID", "itemID", "prediction"])
    rows = [(u, i, float(gain)) for u, wanted in truth.items() for i, gain in of(wanted)]
    played = pd.DataFrame(rows, columns=["userID", "itemID", "rating"])
    asked = {
        "precision_at_k": metrics.precision_at_k,
        "recall_at_k": metrics.recall_at_k,
        "map": metrics.map,
        "map_at_k": metrics.map_at_k,
        "ndcg_at_k": metrics.ndcg_at_k,
        "ndcg_at_k(raw)": lambda *x, **y: metrics.ndcg_at_k(*x, score_type="raw", **y),
    }
    found = {}
    for name, function in asked.items():
        each = {
            str(u): float(function(played[played.userID == u], reco[reco.userID == u], k=K))
            for u in lists
        }
        found[name] = {"each": each, "mean": float(function(played, reco, k=K))}
    return found


def of(wanted):
    """Test items with their gains: 1 unless they are graded."""
    return wanted.items() if isinstance(wanted, dict) else [(item, 1) for item in wanted]


def pairs(truth):
    return [(u, i) for u, wanted in truth.items() for i, _ in of(wanted)]


LIBRARIES = {"rectools": rectools, "ranx": ranx, "recommenders": recommenders}


def judged_by(library):
    """The version and, per example, each metric's value of every listener and its mean."""
    examples = {"hand": HAND, "many": MANY}
    if library != "rectools":  # which knows no gains
        examples["graded"] = GRADED
    found = {name: LIBRARIES[library](*example) for name, example in examples.items()}
    return {"version": importlib.metadata.version(library), **found}


if __name__ == "__main__":
    print(json.dumps(judged_by(sys.argv[1]), indent=1))
