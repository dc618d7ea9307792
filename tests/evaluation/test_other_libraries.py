"""Our metrics against three other libraries': equal, or different for the reason that is written down.

What the libraries answered stands in other_libraries.json (docs/metrics-compared.md says how it was
made); where one of them is installed, it is asked again.
"""

import importlib.util
import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest

from evaluation.other_libraries import GRADED, HAND, LIBRARIES, MANY, K, judged_by, of
from ritornello.evaluation.metrics import LENGTH, METRIC_COLUMNS, metrics_of

ANSWERS = json.loads(Path(__file__).with_name("other_libraries.json").read_text())
EXAMPLES = {"hand": HAND, "many": MANY, "graded": GRADED}
SAME = [
    # library, their name, ours
    ("rectools", "Precision", "precision"),
    ("rectools", "Recall", "recall"),
    ("rectools", "NDCG(divide_by_achievable)", "ndcg"),
    ("ranx", "precision", "precision"),
    ("ranx", "recall", "recall"),
    ("ranx", "ndcg", "ndcg"),
    ("recommenders", "precision_at_k", "precision"),
    ("recommenders", "recall_at_k", "recall"),
    ("recommenders", "map_at_k", "map"),
    ("recommenders", "ndcg_at_k(raw)", "ndcg"),
]
DIVIDED_BY_ALL_TEST_ITEMS = [("rectools", "MAP"), ("ranx", "map"), ("recommenders", "map")]


def ours(example):
    """Our metrics at K of every listener of an example, by name."""
    lists, truth = EXAMPLES[example]
    gains, best = (np.zeros((len(truth), LENGTH)) for _ in range(2))
    for row, (user, wanted) in enumerate(truth.items()):
        worth = dict(of(wanted))
        listed = lists.get(user, [])
        gains[row, : len(listed)] = [worth.get(item, 0) for item in listed]
        best[row, : len(worth)] = sorted(worth.values(), reverse=True)
    sizes = np.array([len(wanted) for wanted in truth.values()], np.int32)
    values = dict(zip(METRIC_COLUMNS, metrics_of(gains, best, sizes), strict=True))
    return {
        name.removesuffix(f"_{K}"): dict(zip(map(str, truth), column, strict=True))
        for name, column in values.items()
        if name.endswith(f"_{K}")
    }


def of_each(library, example, name):
    return ANSWERS[library][example][name]["each"]


@pytest.mark.parametrize(("library", "theirs", "name"), SAME)
@pytest.mark.parametrize("example", ["hand", "many"])
def test_every_listener_has_the_same_value(library, theirs, name, example):
    found = ours(example)[name]
    told = of_each(library, example, theirs)
    assert {user: found[user] for user in told} == pytest.approx(told, abs=1e-9)


@pytest.mark.parametrize(("library", "name"), DIVIDED_BY_ALL_TEST_ITEMS)
@pytest.mark.parametrize("example", ["hand", "many"])
def test_their_average_precision_is_divided_by_all_test_items(library, name, example):
    found, truth = ours(example)["map"], EXAMPLES[example][1]
    told = of_each(library, example, name)
    expected = {u: found[u] * min(K, len(truth[int(u)])) / len(truth[int(u)]) for u in told}
    assert told == pytest.approx(expected, abs=1e-9)


def test_rectools_divides_by_k_on_request():
    found, truth = ours("many")["map"], MANY[1]
    expected = {u: value * min(K, len(truth[int(u)])) / K for u, value in found.items()}
    assert of_each("rectools", "many", "MAP(divide_by_k)") == pytest.approx(expected, abs=1e-9)


def test_the_ideal_of_rectools_holds_k_hits_whatever_the_listener_played():
    found, truth = ours("many")["ndcg"], MANY[1]
    ideal = np.cumsum([1 / math.log2(1 + rank) for rank in range(1, K + 1)])
    expected = {u: v * ideal[min(K, len(truth[int(u)])) - 1] / ideal[-1] for u, v in found.items()}
    assert of_each("rectools", "many", "NDCG") == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("library", "name", "divisor"),
    [
        ("rectools", "Precision", 4),
        ("ranx", "precision", 4),
        ("recommenders", "precision_at_k", 3),  # listener 4 has no list
        ("recommenders", "map_at_k", 3),
        ("recommenders", "ndcg_at_k", 4),  # but here counts
    ],
)
def test_whom_the_mean_runs_over(library, name, divisor):
    told = ANSWERS[library]["hand"][name]
    assert told["mean"] == pytest.approx(sum(told["each"].values()) / divisor, abs=1e-9)


def test_graded_gains_are_linear_as_in_ranx_and_not_powers_of_two():
    value = ours("graded")["ndcg"]["1"]
    assert value == pytest.approx((1 + 2 / 2) / (2 + 1 / math.log2(3) + 1 / 2))
    assert of_each("ranx", "graded", "ndcg")["1"] == pytest.approx(value, abs=1e-9)
    assert of_each("recommenders", "graded", "ndcg_at_k(raw)")["1"] == pytest.approx(
        value, abs=1e-9
    )
    assert of_each("ranx", "graded", "ndcg_burges")["1"] == pytest.approx(
        (1 + 3 / 2) / (3 + 1 / math.log2(3) + 1 / 2), abs=1e-9
    )


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_library_still_answers_so(library):
    if importlib.util.find_spec(library) is None:
        warnings.warn(f"{library} IS NOT INSTALLED: its answers were not asked anew", stacklevel=1)
        pytest.skip(f"{library} is not installed: only its recorded answers were compared")
    again = judged_by(library)
    for example in ("hand", "many"):
        for name, told in ANSWERS[library][example].items():
            assert again[example][name]["each"] == pytest.approx(told["each"], abs=1e-9)
            assert again[example][name]["mean"] == pytest.approx(told["mean"], abs=1e-9)
