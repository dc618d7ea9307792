"""Counts of the real files, as their own descriptions give them; no row is looked at."""

import pytest

from ritornello.sources.nested_parquet import open_delivery
from sources.formats.outside_files import Converted

pytestmark = pytest.mark.real
LASTFM_CSV = "549,292 entries = 549,290 plays + 1 quarantined + 1 header"


@pytest.mark.parametrize(
    ("name", "folder", "told"),
    [
        ("lastfm-1k", "lastfm-1k-fragment", "5,000 entries = "),
        pytest.param("lastfm-csv", "artists", LASTFM_CSV, marks=pytest.mark.long),
        ("spotify-export", "spotify-export", "29,358 entries = 29,358 plays + 0 quarantined"),
    ],
)
def test_real_files_become_deliveries(spark, real_data, tmp_path, name, folder, told):
    converted = Converted(spark, name, real_data / folder, tmp_path)
    assert told in converted.printed
    assert open_delivery(spark, converted.out).interactions


def test_real_counts_are_all_taken(spark, real_data, tmp_path):
    converted = Converted(spark, "hetrec-2k", real_data / "lastfm-2k", tmp_path)
    assert converted.sentence.startswith("92,834 counts of 17,632 artists are in ")
