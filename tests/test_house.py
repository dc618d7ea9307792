"""The house as it stands: measured, its map fresh, and every place that the map names is there."""

import ast
import re
from itertools import pairwise

import pytest

import house
import pages

PLACES = [file for _, places in pages.QUESTIONS for file, _ in places]
PATH = [file for file, _ in pages.PATH_OF_REFRESH]


def test_every_figure_of_the_house_holds():
    worse = [
        f"{name}: {text}" for name, text, holds in house.report(house.plain_english()) if not holds
    ]
    assert worse == []


def test_the_generated_pages_are_fresh():
    stale = [str(file) for file, text in pages.pages().items() if not pages.is_fresh(file, text)]
    assert stale == [], "run make docs"


@pytest.mark.parametrize("file", sorted({*PLACES, *PATH}))
def test_the_map_names_files_that_are_there(file):
    assert (pages.ROOT / file).is_file()


def test_the_path_of_refresh_goes_from_file_to_file_by_imports():
    assert len(PATH) <= 12
    for file, following in pairwise(PATH):
        earlier = PATH[: PATH.index(following)]
        module = following.removeprefix("lib/").removesuffix(".py").removesuffix("/__init__")
        used = {name for one in earlier for name in _imported(one)}
        found = module.replace("/", ".") in used
        assert found or file.endswith("__init__.py"), f"nothing before it imports {following}"


def _imported(file):
    for node in ast.walk(ast.parse((pages.ROOT / file).read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_every_formula_that_is_cited_stands_in_the_project():
    page = (pages.ROOT / "docs" / "formulas.md").read_text()
    sections = {line.split()[1].rstrip(".") for line in page.splitlines() if line.startswith("#")}
    cited = {}
    for file in house.files():
        for names in re.findall(r"formulas:? ((?:[A-C]\d*(?:\.\d+)?(?:, )?)+)", file.read_text()):
            for name in names.rstrip(", ").split(", "):
                cited[name] = file.name
    assert len(cited) > 5
    assert {name: file for name, file in cited.items() if name not in sections} == {}


def test_the_measures_see_what_they_measure():
    bad = '"""Who did it; it was told."""\ndef f(held):\n    """{}."""\n    told = 1\n'
    tree = ast.parse(bad.format("word " * 15))
    lines = list(house.first_lines(tree))
    assert [";" in line for line in lines] == [True, False]
    assert [len(line.split()) > house.MOST_WORDS for line in lines] == [False, True]
    assert lines[0].split()[0] in house.QUESTIONS
    assert sorted(set(house.bindings(tree)) & house.PARTICIPLES) == ["held", "told"]
    up = house.Import(("features", "decay"), ("night", "graph"))
    down = house.Import(("night", "graph"), ("features", "decay"))
    inside = house.Import(("night", "state", "months"), ("night", "lists", "recommend"))
    assert [house._goes_down(one) for one in (up, down, inside)] == [False, True, False]
