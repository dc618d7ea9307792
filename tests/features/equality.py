"""Two tables are the same: keys, counts and times exactly, floats to 1e-9 of their size."""

import numpy as np


def assert_same_rows(actual, expected, key, *, but=("plays_version",)):
    """The columns of ``expected``, whatever the order of rows; lineage is no content."""
    columns = [name for name in expected.columns if name not in but]
    left, right = (
        df.select(*columns).toPandas().sort_values(list(key)).reset_index(drop=True)
        for df in (actual, expected)
    )
    assert len(left) == len(right)
    different = [name for name in columns if not _same(left[name], right[name])]
    assert different == []


def _same(one, other):
    if one.dtype.kind == "f":
        return np.allclose(one, other, rtol=1e-9, atol=0, equal_nan=True)
    if one.dtype == object:
        return all(_same_cell(x, y) for x, y in zip(one, other, strict=True))
    return one.equals(other)


def _same_cell(one, other):
    if isinstance(one, np.ndarray) and one.dtype.kind == "f":
        return len(one) == len(other) and np.allclose(one, other, rtol=1e-9, atol=0)
    return list(one) == list(other) if isinstance(one, np.ndarray) else one == other
