"""The contract of every table: its row, columns, key, partitions and constraints.

``docs/tables.md`` shows them all. Ids are dense ints, assigned once and never changed. Times are
UTC. ``as_of`` is the instant of a derived row: the row depends only on plays before it.
"""

from ritornello.tables.contracts import (
    artist_vectors,
    artists,
    catalogue,
    evaluations,
    intake,
    lists,
    playlists,
    publication,
    runs,
    state,
    study,
)
from ritornello.tables.contracts.catalogue import UNKNOWN_GENRE
from ritornello.tables.contracts.contract import (
    CUTOFFS,
    CUTOFFS_SHOWN,
    DISLIKE,
    HALF_LIVES_DAYS,
    LAST_PLAYS,
    LIKE,
    METRICS,
    PLAY,
    SKIP,
    Column,
    Contract,
)
from ritornello.tables.contracts.evaluations import TARGETS
from ritornello.tables.contracts.lists import ALS_LISTS, CANDIDATE_SOURCES, CANDIDATES, LISTS
from ritornello.tables.contracts.state import PAIR_STATE

__all__ = [
    "ALS_LISTS",
    "CANDIDATES",
    "CANDIDATE_SOURCES",
    "CUTOFFS",
    "CUTOFFS_SHOWN",
    "DISLIKE",
    "HALF_LIVES_DAYS",
    "LAST_PLAYS",
    "LIKE",
    "LISTS",
    "METRICS",
    "PAIR_STATE",
    "PLAY",
    "SKIP",
    "TARGETS",
    "UNKNOWN_GENRE",
    "Column",
    "Contract",
    "contracts",
]


def contracts(item_kind: str = "track") -> dict[str, Contract]:
    """Return all contracts by table name, in the order in which the data flow."""
    every = (
        *intake.TABLES,
        *artists.FACTS,
        *catalogue.TABLES,
        *artist_vectors.TABLES,
        *state.TABLES,
        *lists.tables(item_kind),
        *evaluations.TABLES,
        *playlists.TABLES,
        *study.TABLES,
        *artists.TABLES,
        *runs.TABLES,
        *publication.TABLES,
    )
    return {contract.name: contract for contract in every}
