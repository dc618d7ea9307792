import numpy as np
import pytest
from scipy import stats

from ritornello.evaluation.significance import compare


def test_gain_and_p_value_agree_with_scipy(spark):
    draw = np.random.default_rng(1)
    base = draw.uniform(0, 1, 60)
    better = base + 0.03 + draw.normal(0, 0.05, 60)
    rows = [(u, name, float(v), "all")
            for name, values in (("ours", better), ("base", base), ("same", better))
            for u, v in enumerate(values)]  # fmt: skip
    rows.append((99, "base", 0.5, "new"))  # another target does not count
    table = spark.createDataFrame(rows, "user_id int, method string, ndcg_40 double, target string")
    found = {one.against: one for one in compare(table, method="ours")}
    expected = stats.ttest_rel(better, base)
    assert found["base"].gain == pytest.approx(float(np.mean(better - base)))
    assert found["base"].p_value == pytest.approx(min(1, 2 * expected.pvalue))  # two comparisons
    assert found["same"].p_value == 1.0
