"""Artists as vectors, and the listening log joined to them by name (formulas B1.1, B1.2)."""

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
    Column("top_genres", "array<string>", "the three of most weight, ties by name"),
    Column("genres", "array<string>", "all genres, most weight first; `<unknown>` if none"),
)
ARTIST_GENRE_AGGREGATES = Contract(
    "artist_genre_aggregates",
    "One (catalogue artist, genre): means and modes of the tracks.",
    (
        AS_OF,
        CATALOGUE_ARTIST,
        Column("genre", "string", "genre, or `<unknown>`"),
        Column("tracks", "bigint", "tracks that are counted"),
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
    "One catalogue artist: the genres' means, weighted (formulas B1.1).",
    (
        AS_OF,
        CATALOGUE_ARTIST,
        Column("tracks", "bigint", "tracks that are counted"),
        *numbers(*MEANS),
        *categories("of the genre of most weight: "),
        *GENRES,
    ),
    key=("as_of", "catalogue_artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

ARTIST_FEATURES_JOINED = Contract(
    "artist_features_joined",
    "One artist played before as_of that the catalogue knows, with its vector.",
    (
        AS_OF,
        ARTIST,
        ARTIST_NAME,
        CATALOGUE_ARTIST,
        PLAYS,
        *numbers(*MEANS),
        *categories("of the genre of most weight: "),
        *GENRES,
    ),
    key=("as_of", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

_PAIR = (
    AS_OF,
    USER,
    ARTIST,
    ARTIST_NAME,
    PLAYS,
    CATALOGUE_ARTIST,
    Column("catalogue_name", "string", "name in the catalogue", nullable=True),
    Column("matched_by", "string", ", ".join(MATCHED_BY)),
)

JOINED = Contract(
    "joined",
    "One (listener, artist) played before as_of, `min_plays` times at least, that has a match.",
    _PAIR,
    key=("as_of", "user_id", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

JOINED_WITH_FEATURES = Contract(
    "joined_with_features",
    "The same with the artist's vector.",
    (*_PAIR, *numbers(*MEANS), *categories("of the genre of most weight: "), *GENRES),
    key=("as_of", "user_id", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

UNMATCHED = Contract(
    "unmatched",
    "One artist played before as_of that has no match, with the reason.",
    (
        AS_OF,
        ARTIST,
        ARTIST_NAME,
        PLAYS,
        Column("listeners", "bigint", "listeners with a play before as_of"),
        Column("reason", "string", "no_name, not_found or ambiguous"),
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
