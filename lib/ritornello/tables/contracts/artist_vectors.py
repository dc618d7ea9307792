"""Contracts of artist vectors and of the listening log joined to them by name.

Formulas: B1.1, B1.2.
"""

from ritornello.tables.contracts.catalogue import (
    ARTIST,
    ARTIST_NAME,
    CATALOGUE_ARTIST,
    MATCHED_BY,
    MEANS,
    PLAYS,
    categories,
    numbers,
)
from ritornello.tables.contracts.contract import AS_OF, USER, Column, Contract

GENRES = (
    Column("top_genres", "array<string>", "the three genres of most weight; ties go by name"),
    Column("genres", "array<string>", "all genres, most weight first; `<unknown>` if none"),
)
ARTIST_GENRE_AGGREGATES = Contract(
    "artist_genre_aggregates",
    "One row per catalogue artist and genre, with means and modes over its tracks.",
    (
        AS_OF,
        CATALOGUE_ARTIST,
        Column("genre", "string", "genre, or `<unknown>`"),
        Column("tracks", "bigint", "number of tracks in the means"),
        Column("weight", "double", "the genre's share of the artist's votes", nullable=True),
        *numbers(*MEANS),
        *categories("most frequent "),
    ),
    key=("as_of", "catalogue_artist_id", "genre"),
    partitions=("as_of",),
    of_item_kind=False,
)

ARTIST_FEATURES_WEIGHTED = Contract(
    "artist_features_weighted",
    "One row per catalogue artist, with the weighted means of its genres (formulas B1.1).",
    (
        AS_OF,
        CATALOGUE_ARTIST,
        Column("tracks", "bigint", "number of tracks in the means"),
        *numbers(*MEANS),
        *categories("in the genre of most weight: "),
        *GENRES,
    ),
    key=("as_of", "catalogue_artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

ARTIST_FEATURES_JOINED = Contract(
    "artist_features_joined",
    "One row per artist played before as_of that is in the catalogue, with its vector.",
    (
        AS_OF,
        ARTIST,
        ARTIST_NAME,
        CATALOGUE_ARTIST,
        PLAYS,
        *numbers(*MEANS),
        *categories("in the genre of most weight: "),
        *GENRES,
    ),
    key=("as_of", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

_LISTENER_AND_ARTIST = (
    AS_OF,
    USER,
    ARTIST,
    ARTIST_NAME,
    PLAYS,
    CATALOGUE_ARTIST,
    Column("catalogue_name", "string", "name in the catalogue", nullable=True),
    Column("matched_by", "string", f"how it was matched: {', '.join(MATCHED_BY)}"),
)

JOINED = Contract(
    "joined",
    "One row per listener and matched artist, played at least `min_plays` times before as_of.",
    _LISTENER_AND_ARTIST,
    key=("as_of", "user_id", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

JOINED_WITH_FEATURES = Contract(
    "joined_with_features",
    "One row per listener and artist of `joined`, with the artist's vector.",
    (
        *_LISTENER_AND_ARTIST,
        *numbers(*MEANS),
        *categories("in the genre of most weight: "),
        *GENRES,
    ),
    key=("as_of", "user_id", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

UNMATCHED = Contract(
    "unmatched",
    "One row per artist played before as_of without a match, with the reason.",
    (
        AS_OF,
        ARTIST,
        ARTIST_NAME,
        PLAYS,
        Column("listeners", "bigint", "number of listeners with a play before as_of"),
        Column("reason", "string", "why there is no match: no_name, not_found or ambiguous"),
    ),
    key=("as_of", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

TABLES = (
    ARTIST_GENRE_AGGREGATES,
    ARTIST_FEATURES_WEIGHTED,
    ARTIST_FEATURES_JOINED,
    JOINED,
    JOINED_WITH_FEATURES,
    UNMATCHED,
)
