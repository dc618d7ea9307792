import pytest

from report.sample_results import sample
from ritornello.report import table_tex
from ritornello.report.latex import escaped


def row(table: str, method: str) -> list[str]:
    line = next(line for line in table.splitlines() if line.startswith(method + " &"))
    return [cell.strip() for cell in line.removesuffix(r"\\").split(" & ")]


def test_the_best_is_bold_starred_and_told_in_percent_of_its_rival():
    table = table_tex(sample())
    assert row(table, "ranker") == [
        "ranker",
        r"\textbf{0.1988}",
        r"\textbf{0.2035}",  # p is .26 here, corrected: no star
        r"\textbf{0.2312}$^{**}$",
        r"\textbf{0.2659}",
        r"$+1.6\,\%$",
    ]
    assert row(table, r"bert4rec\_pps") == [
        *(r"bert4rec\_pps", "0.1956", "0.2002", "0.2275", "0.2616"),
        "--",  # the rival itself
    ]
    assert table.count(r"\textbf") == 4
    assert "against it (paired t-test, Bonferroni)." in table


@pytest.mark.parametrize(
    ("p", "stars"), [(0.05, ""), (0.04, "$^{*}$"), (0.009, "$^{**}$"), (0.0009, "$^{***}$")]
)
def test_stars_by_p(p, stars):
    results = sample()
    for found in results["gains"]:
        found["p_t_bonferroni"] = p
    assert row(table_tex(results), "ranker")[3] == r"\textbf{0.2312}" + stars


def test_equal_values_are_both_bold():
    results = sample()
    results["methods"]["twin"] = results["methods"]["ranker"]
    assert row(table_tex(results), "twin")[1] == r"\textbf{0.1988}"


def test_it_is_a_booktabs_table():
    table = table_tex(sample())
    order = [table.index(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")]
    assert order == sorted(order)
    assert table.count("{") == table.count("}")


def test_without_a_comparison_there_are_neither_stars_nor_gains():
    results = sample()
    del results["gains"], results["baselines"]
    table = table_tex(results)
    assert row(table, "ranker")[-1] == "--"
    assert "^{" not in table


def test_special_characters_are_escaped():
    assert escaped(r"a_b&c%d$e#f{g}\h~i^j<k>") == (
        r"a\_b\&c\%d\$e\#f\{g\}\textbackslash{}h\textasciitilde{}i\textasciicircum{}j"
        r"\textless{}k\textgreater{}"
    )
