"""The two stages on invented listening with its catalogue: artists by how they sound."""

import json

import pytest
from rich.console import Console

from ritornello.generator.write import write
from ritornello.intake.catalogue.csv_files import TABLES
from ritornello.job import Context
from ritornello.settings.loading import load_settings
from ritornello.study.artists.run import artists_run, run_artists
from ritornello.tables.store import Store

pytestmark = pytest.mark.integration
TINY = [
    "generator={listeners: 120, seed: 5, days: 200, plays_median: 150.0, giant_share: 0.0, tracks: 1500}",
    "artists.als={rank: 6, iterations: 4, reg: 0.2, alpha: 1.0, weighting: bm25, blocks: 2}",
    "artists.ranker={trees: 15, leaves: 5, min_rows_in_leaf: 5, early_stopping_rounds: 5}",
    "artists.top_n=30",
    "artists.alphas=[0.4, 1.0]",
    "artists.ease_items=60",
]


@pytest.fixture(scope="module")
def out(spark, tmp_path_factory):
    place = tmp_path_factory.mktemp("catalogue")
    settings = load_settings([], [*TINY, f"warehouse={place / 'warehouse'}"])
    write(spark, settings.generator, str(place / "listening"), partitions=2)
    run = artists_run(settings, str(place / "listening"), place / "out", None)
    store = Store(spark, run.settings.warehouse, "artist")
    context = Context(spark, store, run.settings, Console(quiet=True))
    assert "best on the test" in run_artists(context, run)
    return place / "out" / "temporal"


def test_every_feature_of_content_is_known_and_varies(out):
    told = json.loads((out / "features_meta.json").read_text())
    content = {name: one for name, one in told.items() if one["is_content"]}
    assert {"cos_user_item", "genre_share", "user_genre_entropy"} <= set(content)
    dull = [name for name, one in content.items() if not one["known"] or not one["spread"]]
    assert dull == []


def test_the_catalogue_s_tables_and_its_coverage_are_there(out):
    found = {file.name for file in (out / "catalogue").iterdir()}
    assert found == {f"{name}.csv" for name in TABLES} | {"coverage.json"}
    coverage = json.loads((out / "catalogue" / "coverage.json").read_text())
    assert coverage["overall"]["plays_share"] > 0.7
    joined = (out / "catalogue" / "joined_with_features.csv").read_text().splitlines()
    assert len(joined) > 100
    assert "tempo" in joined[0]
