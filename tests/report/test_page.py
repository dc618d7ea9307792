import re
from html import escape
from importlib.resources import files

import pytest

from report.sample_results import sample
from ritornello.report import report_html
from ritornello.report.page import PARTS

LEAST = {"as_of": "2025-01-06T00:00:00Z", "listeners": 2, "methods": {"a": {"all": {}}}}
PICTURES = [
    "long-tail",
    "history-length",
    "repeat-interval",
    "hour-weekday",
    "curve-ndcg",
    "curve-recall",
    "targets",
    "candidate-recall",
    "calibration",
    "stratum-0",
    "stratum-1",
    "eps-ndcg-10",
    "eps-ndcg-40",
    "novelty",
    "feature-importances",
    "steps",
]
NOT_MEASURED = "This was not measured in this run."


@pytest.fixture(scope="module")
def page() -> str:
    return report_html(sample())


def section(page: str, key: str) -> str:
    return page.split(f'<section id="{key}"')[1].split("</section>")[0]


def test_every_part_stands_in_its_order_with_a_sentence_and_in_the_contents(page):
    keys = re.findall(r'<section id="([^"]*)"', page)
    assert keys == [part(sample()).key for part in PARTS]
    assert keys[:4] == ["answer", "data", "protocol", "methods"]
    for key in keys:
        assert f'href="#{key}"' in page
        assert len(re.findall(r'<p class="reading">[^<]*\.</p>', section(page, key))) == 1
    assert NOT_MEASURED not in page


def test_every_picture_is_drawn_and_says_its_message(page):
    assert re.findall(r'<figure id="picture-([^"]*)"', page) == PICTURES
    assert page.count("<svg ") == len(PICTURES)
    messages = re.findall(r'role="img" aria-label="([^"]*)"', page)
    assert len(messages) == len(PICTURES)
    assert all(message.endswith(".") and len(message) > 40 for message in messages)


def test_the_answer_names_the_best_its_rival_the_interval_and_p(page):
    answer = section(page, "answer")
    assert "Of 14 methods ranker is the best: its NDCG@40 is 0.2312." in answer
    assert "(+1.6 %) over the best baseline, bert4rec_pps" in answer
    assert "the 95 % interval goes from +0.0007 to +0.0067" in answer
    assert "(p = 0.005; paired t-test, Bonferroni)" in answer


def test_a_method_table_for_each_target_with_the_best_in_bold(page):
    methods = section(page, "methods")
    assert methods.count("<caption>Target: ") == 3
    assert "<strong>0.2312</strong>" in methods  # ranker, NDCG@40
    assert "<td>0.2275</td>" in methods  # the next
    assert "Left out: sasrec (the sequence extra is not installed)." in methods
    assert "0.2252 to 0.2372" in methods


def test_equal_results_give_an_equal_page(page):
    assert report_html(sample()) == page


def test_every_p_names_its_test_and_its_correction(page):
    methods = section(page, "methods")
    heads = re.findall(r'<th scope="col">(p[ ,][^<]*)</th>', methods)
    assert heads == ["p, t-test", "p, t-test, Bonferroni", "p, Wilcoxon, Bonferroni"]
    assert "Bonferroni: p times 24 comparisons" in methods


def test_long_tables_and_settings_are_folded_and_the_best_known_table_is_not(page):
    folded = re.findall(r"<summary>([^<]*) \((\d+) rows\)</summary>", page)
    names = [name for name, _ in folded]
    assert {"Settings", "Seeds", "Versions"} <= set(names)
    assert [name.partition(" (")[0] for name in names[:2]] == [
        "Target: repeats",
        "Target: new tracks",
    ]
    assert ("Settings", "3") in folded
    assert not any(name.startswith("Target: all") for name in names)


def test_nothing_is_loaded_and_the_one_script_is_our_own(page):
    assert not re.findall(r"https?:|@import|<img|<iframe|<object|<!--", page)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, flags=re.S)
    assert len(scripts) == page.count("<script") == 1
    assert scripts[0] == ("", f"\n{files('ritornello.report').joinpath('page.js').read_text()}\n")
    assert not re.findall(r"\b(fetch|import|eval|XMLHttpRequest|WebSocket)\b", scripts[0][1])
    loads = re.findall(r'(?:src|href)="([^"#][^"]*)"|url\(([^#)][^)]*)\)', page)
    assert loads == [("data:,", "")]  # an empty icon, so that no browser asks for one


def test_ids_are_unique(page):
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', page)) <= set(ids)


def test_colours_of_the_pictures_come_from_the_style_sheet(page):
    drawings = "".join(re.findall(r"<svg .*?</svg>", page, flags=re.S))
    assert not re.findall(r"#[0-9a-f]{6}|font-family", drawings)
    assert "currentColor" in drawings
    assert "var(--series-1)" in drawings


def test_names_are_escaped_everywhere():
    odd = 'a<b>&"$x$_'
    results = sample()
    results["title"] = odd
    results["methods"] = {odd: results["methods"]["ranker"], "_hidden": {"all": {"ndcg@40": 0.1}}}
    results["beyond"] = {odd: results["beyond"]["ranker"]}
    results["steps"] = [{"step": odd, "seconds": 1.0, "rows": 1}]
    results["strata"] = [{"stratum": odd, "bin": odd, "method": odd, "listeners": 3, "gain": 0.1}]
    results["settings"] = {odd: odd}
    results["feature_importances"] = [{"feature": odd, "gain": 1.0, "splits": 1}]
    page = report_html(results)
    assert "<b>" not in page
    assert escape(odd, quote=False) in "".join(re.findall("<svg .*?</svg>", page, flags=re.S))
    assert "_<wbr>hidden" in page


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("statistics", "data"),
        ("protocol", "protocol"),
        ("candidate_recall", "candidate-recall"),
        ("calibration", "calibration"),
        ("strata", "strata"),
        ("eps_sweep", "eps-sweep"),
        ("feature_importances", "feature-importances"),
        ("steps", "steps"),
    ],
)
def test_a_part_whose_key_is_missing_was_not_measured(key, part):
    results = {name: value for name, value in sample().items() if name in (*LEAST, key)}
    build = {build(LEAST).key: build for build in PARTS}[part]
    assert build(results).measured
    del results[key]
    assert not build(results).measured


def test_the_least_results_give_a_page_that_says_what_was_not_measured():
    page = report_html(LEAST)
    measured = {"answer", "methods", "curves", "targets"}
    for key in {part(LEAST).key for part in PARTS}:
        told = section(page, key)
        assert (NOT_MEASURED in told) == (key not in measured)
        assert key in measured or not re.search("<svg|<table|class=.reading", told)
    assert "It was not compared with a baseline, listener by listener, in this run." in page


def test_nested_settings_are_told_one_by_one():
    results = LEAST | {"settings": {"ranker": {"trees": 300, "cuts": [5, 10], "none": {}}}}
    told = {build(LEAST).key: build for build in PARTS}["settings"](results)
    assert told.tables[0].rows == [
        ("ranker.trees", "300"),
        ("ranker.cuts", "5, 10"),
        ("ranker.none", "\N{EN DASH}"),
    ]


def test_missing_numbers_are_told_as_such():
    results = sample()
    results["methods"]["ranker"]["new"] = {}
    results["candidate_recall"]["als"]["new"] = None
    results["methods"]["als"]["all"]["ndcg@100"] = float("nan")
    page = report_html(results)
    assert "not measured" in section(page, "targets")
    assert "not measured" in section(page, "candidate-recall")
    assert "nan" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)
