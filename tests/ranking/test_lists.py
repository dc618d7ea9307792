import numpy as np

from ritornello.ranking.lists import NAMES, ranked_lists, sources_of
from ritornello.shelves.rows import Rows
from ritornello.tables.contracts import CANDIDATE_SOURCES


def candidates(*rows: tuple[int, int, dict[str, int]]) -> Rows:
    """Candidates by owner, item and the ranks of their sources."""
    owner, item, ranks = zip(*rows, strict=True)
    columns = {
        f"{source}_rank": np.array([one.get(source, np.nan) for one in ranks])
        for source in CANDIDATE_SOURCES
    }
    return Rows(np.array(owner, np.int64), np.array(item, np.int32), columns)


def test_lists_are_cut_after_the_restriction_to_their_kind():
    rows = candidates(
        (0, 5, {"own_history": 1}),
        (0, 6, {"own_history": 2}),
        (0, 7, {"own_history": 3}),
        (0, 8, {"als": 2}),  # equal score, smaller id
        (0, 9, {"als": 1, "popular": 2}),
        (1, 5, {"als": 1}),
    )
    places = ranked_lists(rows, np.array([0.9, 0.8, 0.7, 0.1, 0.1, 0.5]), length=2)
    lists = {}
    for nth, rank, at in zip(places.list_, places.rank, places.candidate, strict=True):
        lists.setdefault((int(rows.owner[at]), NAMES[nth]), []).append(
            (int(rank), int(rows.item[at]))
        )
    assert lists == {
        (0, "mixed"): [(1, 5), (2, 6)],
        (0, "repeats"): [(1, 5), (2, 6)],
        (0, "new"): [(1, 8), (2, 9)],
        (1, "mixed"): [(1, 5)],
        (1, "new"): [(1, 5)],
    }
    assert sources_of(rows).to_pylist()[3:5] == ["als", "als+popular"]


def test_a_batch_without_candidates_has_no_places():
    nothing = candidates((0, 5, {"als": 1})).where(np.zeros(1, np.bool_))
    assert not len(ranked_lists(nothing, np.zeros(0), length=3).rank)
    assert sources_of(nothing).to_pylist() == []
