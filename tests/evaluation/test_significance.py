import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ritornello.evaluation.significance import Comparison, compare
from ritornello.evaluation.wilcoxon import SignedRanks, signed_ranks

EVALUATED = "user_id int, method string, ndcg_40 double, target string"


def rows_of(target="all", **methods):
    return [(u, name, float(v), target) for name, vs in methods.items() for u, v in enumerate(vs)]


def test_gain_and_p_values_agree_with_scipy(spark):
    draw = np.random.default_rng(1)
    base = draw.uniform(0, 1, 60)
    better = base + 0.03 + draw.normal(0, 0.05, 60)
    rows = rows_of(ours=better, base=base, same=better)
    rows.append((99, "base", 0.5, "new"))  # another target does not count
    rows.append((98, "base", 0.5, "all"))  # nor a listener whom only one method has
    table = spark.createDataFrame(rows, EVALUATED)
    found = {one.against: one for one in compare(table, method="ours")}
    expected = stats.ttest_rel(better, base)
    signed = stats.wilcoxon(better - base, correction=False, method="asymptotic")
    assert found["base"].gain == pytest.approx(float(np.mean(better - base)))
    assert found["base"].p_value == pytest.approx(min(1, 2 * expected.pvalue))  # two comparisons
    assert found["base"].wilcoxon_p_value == pytest.approx(min(1, 2 * signed.pvalue))
    assert found["base"].gain_percent == pytest.approx(100 * (better.mean() / base.mean() - 1))
    assert found["base"].listeners == 60
    assert found["base"].marks == "**"
    assert (found["same"].p_value, found["same"].wilcoxon_p_value) == (1.0, 1.0)
    assert (found["same"].gain_percent, found["same"].marks) == (0.0, "")


def test_p_is_multiplied_by_the_comparisons_that_are_named(spark):
    table = spark.createDataFrame(rows_of(ours=[0.3, 0.5, 0.9], base=[0.1, 0.4, 0.2]), EVALUATED)
    one, ten = (compare(table, method="ours", comparisons=n)[0] for n in (1, 2))
    assert ten.p_value == pytest.approx(2 * one.p_value)
    assert ten.wilcoxon_p_value == pytest.approx(2 * one.wilcoxon_p_value)


def test_days_of_a_listener_are_averaged_before_the_test(spark):
    twice = [
        *rows_of(ours=[0.4, 0.5, 0.9], base=[0.1, 0.4, 0.2]),
        (0, "ours", 0.2, "all"),  # with the 0.4 of the other day: 0.3
        (0, "base", 0.1, "all"),
    ]
    once = rows_of(ours=[0.3, 0.5, 0.9], base=[0.1, 0.4, 0.2])
    found, wanted = (
        compare(spark.createDataFrame(rows, EVALUATED), method="ours")[0] for rows in (twice, once)
    )
    assert found.listeners == 3
    assert found.p_value == pytest.approx(wanted.p_value)
    assert found.gain == pytest.approx(wanted.gain)


def test_gain_in_percent_of_nothing_is_none_and_equal_gains_are_certain(spark):
    table = spark.createDataFrame(rows_of(ours=[0.5, 0.5, 0.5], base=[0, 0, 0]), EVALUATED)
    found = compare(table, method="ours")[0]
    assert (found.gain_percent, found.p_value) == (None, 0.0)


@pytest.mark.parametrize(("p", "marks"), [(0.0099, "**"), (0.01, "*"), (0.0499, "*"), (0.05, "")])
def test_marks_stand_below_one_and_five_percent(p, marks):
    assert Comparison("base", 0.1, 0.01, p).marks == marks


def test_signed_ranks_by_hand(spark):
    # sizes 1, 1, 2, 3: the tied ones share rank 1.5; gains have ranks 1.5 and 4
    differences = spark.createDataFrame(
        [
            ("a", 0.1),
            ("a", -0.3 + 0.2),  # equal on paper, not in the last bits
            ("a", -0.2),
            ("a", 0.3),
            ("a", 0.0),  # stays out
            ("zeros", 0.0),
        ],
        "method string, gain double",
    )
    found = signed_ranks(differences, by="method", column="gain")
    assert found == {"a": SignedRanks(differences=4, positive_ranks=5.5, ties=6.0)}
    # z = (5.5 - 5) / sqrt(4 * 5 * 9 / 24 - 6 / 48) = 0.5 / sqrt(7.375)
    assert found["a"].p_value == pytest.approx(2 * stats.norm.sf(0.5 / 7.375**0.5))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=60))
def test_the_p_of_signed_ranks_is_scipys(differences):
    sizes = stats.rankdata(np.abs(differences))
    _, tied = np.unique(np.abs(differences), return_counts=True)
    ranks = sizes[np.array(differences) > 0].sum()
    ours = SignedRanks(len(differences), float(ranks), float((tied**3 - tied).sum()))
    theirs = stats.wilcoxon(differences, correction=False, method="asymptotic")
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-12)
