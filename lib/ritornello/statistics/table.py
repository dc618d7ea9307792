"""The statistics of data sets side by side, for terminals and papers."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

LABELS = {
    "listeners": "listeners",
    "items": "items",
    "actions": "plays",
    "length_mean": "history length, mean",
    "length_median": "history length, median",
    "length_min": "history length, smallest",
    "length_max": "history length, largest",
    "length_p80": "history length, 80th percentile",
    "listeners_from_10": "listeners with 10 plays or more",
    "listeners_from_20": "listeners with 20 plays or more",
    "listeners_from_50": "listeners with 50 plays or more",
    "pairs": "distinct (listener, item)",
    "listener_times": "distinct (listener, time)",
    "items_below_5": "items with fewer than 5 plays",
    "sparsity": "sparsity",
    "density": "density",
    "repeat_share": "share of repeats",
    "return_gap_median_days": "days to the next play of an item, median",
    "negative_actions": "skips and dislikes, left out",
}
SHARES = ("sparsity", "density", "repeat_share")
Figures = Mapping[str, Any]


def written(name: str, value: float | None) -> str:
    """Write a figure as people read it.

    A count is written as 1,234, another number as 12.30, a share with four digits, and None as -.
    """
    if value is None:
        return "-"
    if name in SHARES:
        return f"{value:.4g}" if value < 0.01 else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def plain_table(data_sets: Mapping[str, Figures]) -> Table:
    """Build a table with a row per figure, a column per data set."""
    table = Table("", *data_sets, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, label in LABELS.items():
        table.add_row(label, *(written(name, one.get(name)) for one in data_sets.values()))
    return table


def latex_table(data_sets: Mapping[str, Figures]) -> str:
    """Write the same table in LaTeX.

    It needs the package booktabs.
    """
    lines = [
        r"\begin{tabular}{l" + "r" * len(data_sets) + "}",
        r"\toprule",
        _line("", *map(escaped, data_sets)),
        r"\midrule",
        *(
            _line(label, *(_number(name, one.get(name)) for one in data_sets.values()))
            for name, label in LABELS.items()
        ),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _line(*cells: str) -> str:
    return " & ".join(cells) + r" \\"


def _number(name: str, value: float | None) -> str:
    return "--" if value is None else written(name, value).replace(",", r"\,")


def escaped(text: str) -> str:
    """Escape the characters that LaTeX reads as commands."""
    named = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(named.get(c, "\\" + c if c in "&%$#_{}" else c) for c in text)
