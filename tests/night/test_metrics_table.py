"""The printed table names the method whose gains it shows, and how p came about."""

from types import SimpleNamespace

from rich.console import Console

from ritornello.night.judging.metrics_report import print_table

NAMES = ("als_pps", "ease", "most_popular")
SCORES = {
    name: {"all": {f"ndcg@{k}": 0.3 / n for k in (5, 10, 40, 100)}}
    for n, name in enumerate(NAMES, start=1)
}
REPORT = {
    "as_of": "2025-01-06T00:00:00Z",
    "listeners": 9,
    "methods": SCORES,
    "candidate_recall": {},
}


def printed(**more) -> str:
    console = Console(record=True, width=140, quiet=False, force_terminal=False)
    print_table(SimpleNamespace(console=console), REPORT | more)
    return console.export_text()


def gain(against: str, metric: str, p: float) -> dict:
    of_pair = {"method": "als_pps", "against": against, "metric": metric, "target": "all"}
    return {**of_pair, "gain": 0.15, "p_t": p / 6, "p_t_bonferroni": p, "comparisons": 6}


def test_without_the_ranker_the_gains_are_those_of_the_best_method():
    text = printed(
        gains=[gain("ease", "ndcg@10", 0.5), gain("ease", "ndcg@40", 0.02)], ranker_against={}
    )
    assert "gains of als_pps" in text
    assert "paired t-test, times 6 comparisons (Bonferroni)" in text
    (row,) = (line for line in text.splitlines() if " ease " in line)
    assert [cell.strip() for cell in row.split("│")[-3:-1]] == ["+0.1500", "0.02"]


def test_the_gains_of_a_night_are_the_rankers():
    one = {"gain_ndcg@40": -0.01, "standard_error": 0.1, "p_t_bonferroni": 0.3, "comparisons": 2}
    text = printed(ranker_against={"ease": one})
    assert "gains of ranker" in text
    assert "paired t-test, times 2 comparisons (Bonferroni)" in text
    assert "-0.0100" in text


def test_one_method_alone_has_no_gain():
    assert "gains of" not in printed(gains=[])
