"""The tour of the project runs from its first cell to its last, on invented listening."""

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import ROOT

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def tour():
    book = nbformat.read(ROOT / "notebooks" / "tour.ipynb", as_version=4)
    client = NotebookClient(book, timeout=900, resources={"metadata": {"path": ROOT / "notebooks"}})
    return client.execute()


def told(book, start: str) -> str:
    """What the first cell that holds a text printed or showed."""
    cell = next(c for c in book.cells if c.cell_type == "code" and start in c.source)
    shown = [out.get("text") or out["data"].get("text/plain", "") for out in cell.outputs]
    return "".join(shown)


@pytest.mark.long
def test_every_cell_runs_and_shows_what_its_words_promise(tour):
    written = told(tour, "generate --out")
    assert all(f"'{name}.parquet'" in written for name in ("interactions", "tracks"))
    assert "published" in told(tour, "refresh --input") or "metrics of" in told(
        tour, "refresh --input"
    )
    assert "repeat_rate" in told(tour, '"item_stats"')
    assert "mixed for" in told(tour, "--top 8")
    assert "new for" in told(tour, "--list new")
    assert "ndcg@40" in told(tour, "metrics.json")
    assert "places of playlists" in told(tour, "make-playlists")
    assert "reason" in told(tour, 'moment="focus"')
    shown = tour.cells[-1].outputs
    assert any("application/vnd.jupyter.widget-view+json" in out["data"] for out in shown)
