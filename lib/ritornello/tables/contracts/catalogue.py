"""Contracts of the external catalogue and its matches, shared by both item kinds.

``catalogue_*`` hold the external catalogue as imported. The other tables are derived as of an
instant.
"""

from ritornello.tables.contracts.contract import AS_OF, Column, Contract

AUDIO = (
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)
MEANS = (*AUDIO, "duration_ms", "popularity")
CATEGORIES = ("key", "mode", "time_signature", "explicit")
UNKNOWN_GENRE = "<unknown>"
MATCHED_BY = ("id", "alias", "exact", "basic", "loose", "alphanumeric", "fuzzy")

_MEANING = {
    "loudness": "decibels, usually below 0",
    "tempo": "beats per minute",
    "duration_ms": "length in milliseconds",
    "popularity": "the source's undated popularity, 0 to 100; it knows the future",
}
CATALOGUE_ARTIST = Column("catalogue_artist_id", "string", "artist's id in the external catalogue")
ARTIST = Column("artist_id", "int", "artist, dense id from `artists`")
ARTIST_NAME = Column("artist_name", "string", "name in the listening log", nullable=True)


def numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(n, "double", _MEANING.get(n, "0 to 1"), nullable=True) for n in names)


def categories(of: str) -> tuple[Column, ...]:
    return (
        Column("key", "int", f"{of}pitch class, 0 = C to 11 = B", nullable=True),
        Column("mode", "int", f"{of}mode, 1 major or 0 minor", nullable=True),
        Column("time_signature", "int", f"{of}beats per bar", nullable=True),
        Column("explicit", "int", f"{of}explicit lyrics, 1 yes or 0 no", nullable=True),
    )


PLAYS = Column("plays", "bigint", "number of plays before as_of")

CATALOGUE_ARTISTS = Contract(
    "catalogue_artists",
    "One row per artist of the external catalogue, as in its file.",
    (
        CATALOGUE_ARTIST,
        Column("artist_name", "string", "name of the artist", nullable=True),
        Column("followers", "bigint", "the source's undated number of followers", nullable=True),
        Column("genres", "array<string>", "genres; empty if none is known"),
        *numbers("popularity"),
    ),
    key=("catalogue_artist_id",),
    of_item_kind=False,
)

CATALOGUE_TRACKS = Contract(
    "catalogue_tracks",
    "One row per track of the external catalogue, as in its file. Unknown values are null.",
    (
        Column("catalogue_track_id", "string", "track's id in the external catalogue"),
        Column("track_name", "string", "name of the track", nullable=True),
        Column("artist_names", "array<string>", "names of the track's artists"),
        Column("catalogue_artist_ids", "array<string>", "ids of the artists, in the same order"),
        Column("release_date", "string", "day, month or year, as in the file", nullable=True),
        Column("released_by", "date", "last day that release_date can mean", nullable=True),
        *numbers(*MEANS),
        *categories(""),
    ),
    key=("catalogue_track_id",),
    of_item_kind=False,
)

CATALOGUE_ALIASES = Contract(
    "catalogue_aliases",
    "One row per other spelling of an artist's name.",
    (
        Column("alias", "string", "name as written in listening logs"),
        Column("name", "string", "name in the catalogue"),
    ),
    key=("alias",),
    of_item_kind=False,
)

CATALOGUE_REJECTS = Contract(
    "catalogue_rejects",
    "One row per rejected line of a catalogue file.",
    (
        Column("file", "string", "file that holds the line"),
        Column("line", "bigint", "line number, from 1"),
        Column("reason", "string", "reason of the rejection"),
        Column("text", "string", "first 500 characters of the line", nullable=True),
    ),
    key=("file", "line"),
    of_item_kind=False,
)

ARTIST_MATCHES = Contract(
    "artist_matches",
    "One row per artist played before as_of, with the catalogue artist it matches.",
    (
        AS_OF,
        ARTIST,
        ARTIST_NAME,
        CATALOGUE_ARTIST,
        Column("catalogue_name", "string", "name in the catalogue", nullable=True),
        Column("matched_by", "string", f"how it was matched: {', '.join(MATCHED_BY)}"),
        Column(
            "similarity",
            "double",
            "similarity of a fuzzy match, 0 to 100, else null",
            nullable=True,
        ),
        Column(
            "homonyms",
            "int",
            "number of catalogue artists that the name could mean, this one included",
        ),
        PLAYS,
    ),
    key=("as_of", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

HOMONYMS = Contract(
    "homonyms",
    "One row per catalogue artist that a shared name could mean. If none is chosen, the name is "
    "ambiguous.",
    (
        AS_OF,
        ARTIST,
        ARTIST_NAME,
        CATALOGUE_ARTIST,
        Column("matched_by", "string", f"how it was matched: {', '.join(MATCHED_BY)}"),
        Column("title_plays", "bigint", "plays before as_of of songs by this catalogue artist"),
        Column(
            "genre_agreement",
            "double",
            "mean share of its genres in what the artist's listeners play",
        ),
        Column("is_chosen", "boolean", "whether the name is taken to mean this one"),
        PLAYS,
    ),
    key=("as_of", "artist_id", "catalogue_artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

TRACK_AUDIO = Contract(
    "track_audio",
    "One row per track played before as_of that is in the catalogue, with its audio features.",
    (
        AS_OF,
        Column("track_id", "int", "track, dense id from `tracks`"),
        Column("catalogue_track_id", "string", "track's id in the external catalogue"),
        *numbers(*AUDIO),
        *categories(""),
        Column("duration_ms", "bigint", "length in milliseconds", nullable=True),
    ),
    key=("as_of", "track_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

RECORDINGS = Contract(
    "recordings",
    "One row per track that counts as an earlier one, as a version of the same recording.",
    (
        Column("track_id", "int", "track, dense id from `tracks`"),
        Column(
            "recording_id", "int", "the track as which it counts: the recording's first version"
        ),
        Column(
            "rule",
            "string",
            "why: recording (the source's own id of it), title (same artist and title) or version "
            "(same artist and song)",
        ),
    ),
    key=("track_id",),
    constraints={
        "another": "recording_id < track_id",
        "known_rule": "rule IN ('recording', 'title', 'version')",
    },
    of_item_kind=False,
    version=2,
)

TABLES = (
    CATALOGUE_ARTISTS,
    CATALOGUE_TRACKS,
    CATALOGUE_ALIASES,
    CATALOGUE_REJECTS,
    ARTIST_MATCHES,
    HOMONYMS,
    TRACK_AUDIO,
    RECORDINGS,
)
