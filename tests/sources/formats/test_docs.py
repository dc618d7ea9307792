"""docs/formats.md says what the adapters do."""

import sys

import pytest

from conftest import ROOT
from ritornello.sources import entries
from ritornello.sources.entries import REASONS
from ritornello.sources.formats.docs import formats_page
from ritornello.sources.formats.registry import FORMATS
from sources.formats.outside_files import read_events
from sources.formats.outside_logs import WRITERS, write_parts

OVERLAP = "overlaps_a_play"


def test_the_page_in_docs_is_fresh():
    assert (ROOT / "docs/formats.md").read_text() == formats_page(), "run `make docs`"


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_a_format_looks_for_the_reasons_that_its_page_lists(spark, tmp_path, monkeypatch, kind):
    asked_for = set()
    name, write_one = WRITERS[kind]
    write_parts(write_one, tmp_path, seed=0, parts=1)
    judged = entries.with_reason
    monkeypatch.setattr(
        entries,
        "with_reason",
        lambda parsed, faults: asked_for.update(faults) or judged(parsed, faults),
    )
    read_events(spark, name, tmp_path, without_track_id="names")
    adapter = vars(sys.modules[FORMATS[name].read.__module__])
    for step, reason in (("without_repeats", "same_play_twice"), ("without_overlaps", OVERLAP)):
        asked_for |= {reason} if step in adapter else set()
    assert asked_for == set(FORMATS[name].reasons)


def test_every_reason_is_of_some_format_or_of_a_catalogue():
    listed = {reason for one in FORMATS.values() for reason in one.reasons} | {"same_file_twice"}
    assert set(REASONS) - listed == {"id_missing", "list_wrong", "number_wrong", "id_twice"}
    assert listed <= set(REASONS)
