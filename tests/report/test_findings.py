import pytest

from ritornello.report.findings import best_first, gain, percent_over, rival

WON = {"gain": 0.1, "low": 0.02, "high": 0.3, "p_t": 0.01, "p_t_bonferroni": 0.04}


def results(gains=(), **more):
    scores = {"ours": 0.5, "tied_b": 0.4, "tied_a": 0.4, "weak": 0.1, "unjudged": None}
    methods = {m: {"all": {"ndcg@40": s}, "new": {"ndcg@40": s}} for m, s in scores.items()}
    return {"methods": methods, "gains": list(gains), **more}


def pair(method, against, metric="ndcg@40", target="all"):
    return {"method": method, "against": against, "metric": metric, "target": target, **WON}


def test_best_first_breaks_ties_by_name_and_puts_the_unjudged_last():
    assert best_first(results()) == ["ours", "tied_a", "tied_b", "weak", "unjudged"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (results(), None),  # nothing was compared
        (results([pair("ours", "weak")]), "weak"),
        (results([pair("ours", "weak"), pair("ours", "tied_b")]), "tied_b"),
        (results([pair("tied_b", "ours"), pair("ours", "weak")]), "tied_b"),  # the other way round
        (results([pair("ours", "tied_b", "ndcg@10"), pair("ours", "weak")]), "weak"),
        (results([pair("ours", "tied_b", target="new"), pair("ours", "weak")]), "weak"),
        (results([pair("ours", "tied_b")], baselines=["weak", "ours"]), "weak"),  # named, not self
    ],
)
def test_the_rival_is_the_best_baseline_that_was_compared(given, expected):
    assert rival(given) == expected


def test_a_comparison_made_the_other_way_round_changes_its_sign():
    found = gain(results([pair("weak", "ours")]), "ours", "weak")
    assert found is not None
    assert (found.gain, found.low, found.high, found.p) == (-0.1, -0.3, -0.02, 0.04)


def test_percent_is_of_the_other_method():
    assert percent_over(results(), "ours", "tied_a") == pytest.approx(25.0)
    assert percent_over(results(), "ours", "unjudged") is None
