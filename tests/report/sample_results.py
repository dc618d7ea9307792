"""An invented comparison in which every part was measured."""

import math
from itertools import pairwise
from typing import Any

from ritornello.tables.contracts import CUTOFFS, METRICS, TARGETS

STRENGTH = {  # method: NDCG@40 for all, repeats and new, and personalised novelty@40
    "ranker": (0.2312, 0.2541, 0.0311, 0.31),
    "ranker_repeats_only": (0.2240, 0.2502, 0.0122, 0.05),
    "bert4rec_pps": (0.2275, 0.2490, 0.0266, 0.24),
    "gsasrec_pps": (0.2251, 0.2455, 0.0259, 0.22),
    "sasrec_pps": (0.2104, 0.2311, 0.0251, 0.27),
    "decayed_popularity_30d": (0.2189, 0.2488, 0.0131, 0.04),
    "decayed_popularity_7d": (0.2101, 0.2391, 0.0131, 0.04),
    "personal_most_popular_all": (0.1899, 0.2290, 0.0131, 0.03),
    "personal_most_popular_last_50": (0.1871, 0.2215, 0.0131, 0.06),
    "personal_most_popular_last_150": (0.1983, 0.2301, 0.0131, 0.05),
    "bert4rec": (0.1544, 0.1702, 0.0244, 0.55),
    "als": (0.1212, 0.1411, 0.0218, 0.48),
    "own_artists": (0.0721, 0.2290, 0.0295, 0.93),
    "most_popular": (0.0311, 0.0642, 0.0131, 0.88),
}
PLAYS_BY_HOUR = [int(90 + 60 * math.sin((hour - 10) / 24 * 2 * math.pi)) for hour in range(24)]


def sample() -> dict[str, Any]:
    """All keys; two calls give equal results."""
    return {
        "title": "Comparison of the invented night",
        "as_of": "2025-01-06T00:00:00Z",
        "horizon_days": 28.0,
        "listeners": 3300,
        "baselines": [name for name in STRENGTH if "ranker" not in name],
        "protocol": {"name": "nightly", "items": None, "draw": "none", "seed": 7, "graded": False},
        "statistics": statistics(),
        "methods": {name: by_target(strength) for name, strength in STRENGTH.items()},
        "left_out": {"sasrec": "the sequence extra is not installed"},
        "intervals": {n: {"ndcg@40": [s[0] - 0.006, s[0] + 0.006]} for n, s in STRENGTH.items()},
        "gains": gains(),
        "beyond": {name: beyond(strength) for name, strength in STRENGTH.items()},
        "strata": strata(),
        "candidate_recall": {
            source: {"all": whole, "repeats": whole * 1.1, "new": whole / 8}
            for source, whole in {"union": 0.62, "own_history": 0.57, "als": 0.21}.items()
        },
        "calibration": [
            {
                "low": n / 10,
                "high": (n + 1) / 10,
                "predicted": n / 10 + 0.05,
                "observed": (n / 10 + 0.05) ** 1.2,
                "pairs": 90_000 // (n + 1) ** 2,
            }
            for n in range(10)
        ],
        "eps_sweep": [
            {"form": form, "eps": eps, "ndcg@10": 0.2 - d * s, "ndcg@40": 0.22 - d * s}
            for form, s in (("softmax", 0.004), ("sigmoid", 0.009))
            for d, eps in enumerate((0.0001, 0.001, 0.01, 0.1, 1.0))
        ],
        "tradeoff": [
            {
                "method": "sub_item_popularity",
                "setting": f"share {share}",
                "ndcg@40": 0.219 - 0.09 * share**2,
                "personalised_novelty@40": 0.06 + 0.7 * share,
            }
            for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
        ],
        "feature_importances": [
            {"feature": f"pair_feature_{n}", "gain": 1000.0 / (n + 1), "splits": 400 - 9 * n}
            for n in range(26)
        ],
        "steps": [
            {"step": "import_plays", "seconds": 41.2, "rows": 1_204_411},
            {"step": "build_features", "seconds": 133.0, "rows": 912_000},
            {"step": "train_sequence_models", "seconds": 1204.9, "rows": None},
            {"step": "evaluate", "seconds": 61.4, "rows": 46_200},
        ],
        "settings": {"item_kind": "track", "ranker.trees": 300, "ranker.learning_rate": 0.05},
        "seeds": {"generator": 7, "ranker": 42},
        "versions": {"ritornello": "0.1.0", "pyspark": "3.5.9"},
    }


def by_target(strength: tuple[float, ...]) -> dict[str, dict[str, float]]:
    share = {  # of NDCG@40, at every cut
        "ndcg": (0.86, 0.88, 1.0, 1.15),
        "map": (0.42, 0.44, 0.51, 0.57),
        "recall": (0.2, 0.38, 0.9, 1.4),
        "recall_capped": (0.8, 0.84, 1.02, 1.41),
        "precision": (0.78, 0.7, 0.5, 0.31),
    }
    return {
        target: {
            **{
                f"{metric}@{k}": strength[n] * factor
                for metric in METRICS
                for k, factor in zip(CUTOFFS, share[metric], strict=True)
            },
            "listeners": (3300, 3211, 3108)[n],
        }
        for n, target in enumerate(TARGETS)
    }


def gains() -> list[dict[str, Any]]:
    ours = STRENGTH["ranker"][0]
    return [
        {
            "method": "ranker",
            "against": against,
            "metric": f"ndcg@{k}",
            "target": "all",
            "gain": ours - strength[0],
            "gain_percent": 100 * (ours / strength[0] - 1),
            "low": ours - strength[0] - 0.003,
            "high": ours - strength[0] + 0.003,
            "p_t": 0.0004 if k == 40 else 0.02,
            "p_t_bonferroni": 0.0052 if k == 40 else 0.26,
            "p_wilcoxon_bonferroni": 0.0003,
            "comparisons": 24,
        }
        for against, strength in STRENGTH.items()
        if "ranker" not in against
        for k in (10, 40)
    ]


def beyond(strength: tuple[float, ...]) -> dict[str, float]:
    return {
        "coverage@40": 0.4 * strength[3] + 0.05,
        "gini@40": 0.93,
        "novelty@40": 11.2,
        "personalised_novelty@40": strength[3],
        "repeat_share@40": 1 - strength[3],
        "artists@40": 21.4,
        "popularity_lift_mainstream@40": 1.12,
        "popularity_lift_niche@40": 1.9,
        "genre_calibration@40": 0.11,
    }


def strata() -> list[dict[str, Any]]:
    groups = {
        "history_length": ["24 to 99", "100 to 499", "500 to 1,999", "2,000 and more"],
        "repeat_rate": ["below 0.4", "0.4 to 0.7", "above 0.7"],
    }
    return [
        {
            "stratum": stratum,
            "bin": name,
            "method": method,
            "listeners": 1200 - 250 * n,
            "ndcg@40": 0.23 - 0.01 * n,
            "gain": lift - 0.004 * n,
            "low": lift - 0.004 * n - 0.004 - 0.001 * n,
            "high": lift - 0.004 * n + 0.004 + 0.001 * n,
        }
        for stratum, names in groups.items()
        for n, name in enumerate(names)
        for method, lift in (("ranker", 0.014), ("bert4rec_pps", 0.007))
    ]


def statistics() -> dict[str, Any]:
    lengths = [0, 24, 50, 100, 200, 500, 1000, 2000, 5000, 11000]
    intervals = [0, 0.5, 1, 6, 24, 72, 168, 720, 2160, 8766]
    return {
        "figures": {"listeners": 3300, "plays": 1_204_411, "mean_history": 364.97, "density": 3e-4},
        "long_tail": [
            {"rank": r, "plays": max(1, int(40_000 / r**0.9))} for r in range(1, 6000, 3)
        ],
        "history_length": [
            {"low": low, "high": high, "listeners": 700 - 60 * abs(n - 3)}
            for n, (low, high) in enumerate(pairwise(lengths))
        ],
        "repeat_interval": [
            {"low_hours": low, "high_hours": high, "repeats": 90_000 - 7_000 * abs(n - 4)}
            for n, (low, high) in enumerate(pairwise(intervals))
        ],
        "hour_weekday": [[plays + 40 * (day >= 5) for plays in PLAYS_BY_HOUR] for day in range(7)],
    }
