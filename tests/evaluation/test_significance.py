import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ritornello.evaluation.significance import Comparison, compare, paired_tests

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
    assert found["base"].p_t_bonferroni == pytest.approx(
        min(1, 2 * expected.pvalue)
    )  # two comparisons
    assert found["base"].p_wilcoxon_bonferroni == pytest.approx(min(1, 2 * signed.pvalue))
    assert found["base"].gain_percent == pytest.approx(100 * (better.mean() / base.mean() - 1))
    assert found["base"].listeners == 60
    assert found["base"].marks == "**"
    assert (found["same"].p_t_bonferroni, found["same"].p_wilcoxon_bonferroni) == (1.0, 1.0)
    assert (found["same"].gain_percent, found["same"].marks) == (0.0, "")


def test_p_is_multiplied_by_the_comparisons_that_are_named(spark):
    table = spark.createDataFrame(rows_of(ours=[0.3, 0.5, 0.9], base=[0.1, 0.4, 0.2]), EVALUATED)
    one, ten = (compare(table, method="ours", comparisons=n)[0] for n in (1, 2))
    assert ten.p_t_bonferroni == pytest.approx(2 * one.p_t_bonferroni)
    assert ten.p_wilcoxon_bonferroni == pytest.approx(2 * one.p_wilcoxon_bonferroni)
    assert (ten.p_t, ten.p_wilcoxon) == (one.p_t, one.p_wilcoxon)  # these are not corrected


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
    assert found.p_t_bonferroni == pytest.approx(wanted.p_t_bonferroni)
    assert found.gain == pytest.approx(wanted.gain)


def test_gain_in_percent_of_nothing_is_none_and_equal_gains_are_certain(spark):
    table = spark.createDataFrame(rows_of(ours=[0.5, 0.5, 0.5], base=[0, 0, 0]), EVALUATED)
    found = compare(table, method="ours")[0]
    assert (found.gain_percent, found.p_t_bonferroni) == (None, 0.0)


@pytest.mark.parametrize(("p", "marks"), [(0.0099, "**"), (0.01, "*"), (0.0499, "*"), (0.05, "")])
def test_marks_stand_below_one_and_five_percent(p, marks):
    assert Comparison("base", 0.1, 0.01, p).marks == marks


def test_signed_ranks_by_hand():
    # sizes 1, 1, 2, 3: the tied ones share rank 1.5; gains have ranks 1.5 and 4
    differences = [0.1, -0.3 + 0.2, -0.2, 0.3, 0.0]  # the first two differ in the last bits
    p = paired_tests(np.array(differences), np.zeros(5)).p_wilcoxon
    # z = (5.5 - 5) / sqrt(4 * 5 * 9 / 24 - 6 / 48) = 0.5 / sqrt(7.375); the zero stays out
    assert p == pytest.approx(2 * stats.norm.sf(0.5 / 7.375**0.5), abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60))
def test_both_p_are_those_of_the_formulas(differences):
    """The formulas are those that were used before scipy's functions."""
    ours, base = np.array(differences) / 10 + 0.5, np.full(len(differences), 0.5)
    tests = paired_tests(ours, base)
    assert tests.p_wilcoxon == pytest.approx(signed_ranks_p(differences), abs=1e-12)
    n, spread = len(differences), np.std(differences, ddof=1) / 10 if len(differences) > 1 else 0
    if spread > 0:
        error = spread / n**0.5
        assert tests.standard_error == pytest.approx(error, rel=1e-9)
        wanted = 2 * stats.t.sf(abs(np.mean(differences) / 10 / error), n - 1)
        assert tests.p_t == pytest.approx(wanted, abs=1e-12)


def signed_ranks_p(differences: list[int]) -> float:
    """The normal approximation of Wilcoxon's test, corrected for ties."""
    sizes = np.abs([d for d in differences if d])
    n, up = len(sizes), np.array([d > 0 for d in differences if d], bool)
    tied = np.unique(sizes, return_counts=True)[1] if n else np.zeros(0)
    variance = n * (n + 1) * (2 * n + 1) / 24 - (tied**3 - tied).sum() / 48
    if variance <= 0:
        return 1.0
    z = (stats.rankdata(sizes)[up].sum() - n * (n + 1) / 4) / variance**0.5
    return min(1.0, 2 * float(stats.norm.sf(abs(z))))


@pytest.mark.parametrize(
    ("ours", "p"),
    [
        ([0.5], 1.0),  # one listener proves nothing
        ([0.5, 0.5], 0.0),  # all gain the same
        ([0.0, 0.0], 1.0),
        ([0.3 - 0.2, 0.4 - 0.3], 0.0),  # the same but for the last bits
    ],
)
def test_the_t_test_of_equal_differences_is_certain(ours, p):
    assert paired_tests(np.array(ours), np.zeros(len(ours))).p_t == pytest.approx(p, abs=1e-12)


def test_methods_are_tested_apart_and_come_in_the_order_of_their_names(spark):
    rows = rows_of(ours=[0.3, 0.5, 0.9], zebra=[0.1, 0.4, 0.2], ant=[0.3, 0.5, 0.9])
    found = compare(spark.createDataFrame(rows, EVALUATED), method="ours")
    assert [one.against for one in found] == ["ant", "zebra"]
    assert [one.comparisons for one in found] == [2, 2]
    assert found[0].p_t == 1.0 > found[1].p_t
