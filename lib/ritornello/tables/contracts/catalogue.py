"""What is known of artists and tracks beside their plays: shared by both item kinds.

``catalogue_*`` hold an outside catalogue as it came; the rest is derived as of an instant.
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
    "loudness": "decibels, below 0 as a rule",
    "tempo": "beats a minute",
    "duration_ms": "milliseconds",
    "popularity": "the source's undated popularity, 0 to 100: knows the future",
}
CATALOGUE_ARTIST = Column("catalogue_artist_id", "string", "artist of the outside catalogue")
ARTIST = Column("artist_id", "int", "artist, dense id from `artists`")
ARTIST_NAME = Column("artist_name", "string", "name in the listening log", nullable=True)


def numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(n, "double", _MEANING.get(n, "0 to 1"), nullable=True) for n in names)


def categories(of: str) -> tuple[Column, ...]:
    return (
        Column("key", "int", f"{of}pitch class, 0 = C to 11 = B", nullable=True),
        Column("mode", "int", f"{of}1 major, 0 minor", nullable=True),
        Column("time_signature", "int", f"{of}beats of a bar", nullable=True),
        Column("explicit", "int", f"{of}1 = explicit words", nullable=True),
    )


PLAYS = Column("plays", "bigint", "plays before as_of")

CATALOGUE_ARTISTS = Contract(
    "catalogue_artists",
    "One artist of the outside catalogue, as its file has it.",
    (
        CATALOGUE_ARTIST,
        Column("artist_name", "string", "name", nullable=True),
        Column("followers", "bigint", "the source's undated count", nullable=True),
        Column("genres", "array<string>", "genres; empty where none is known"),
        *numbers("popularity"),
    ),
    key=("catalogue_artist_id",),
    of_item_kind=False,
)

CATALOGUE_TRACKS = Contract(
    "catalogue_tracks",
    "One track of the outside catalogue, as its file has it; what is not known is null.",
    (
        Column("catalogue_track_id", "string", "track of the outside catalogue"),
        Column("track_name", "string", "name", nullable=True),
        Column("artist_names", "array<string>", "names of its artists"),
        Column("catalogue_artist_ids", "array<string>", "its artists, in the same order"),
        Column("release_date", "string", "day, month or year, as it came", nullable=True),
        Column("released_by", "date", "the last day that date can mean", nullable=True),
        *numbers(*MEANS),
        *categories(""),
    ),
    key=("catalogue_track_id",),
    of_item_kind=False,
)

CATALOGUE_ALIASES = Contract(
    "catalogue_aliases",
    "One other spelling of an artist's name.",
    (
        Column("alias", "string", "the name as logs write it"),
        Column("name", "string", "the name in the catalogue"),
    ),
    key=("alias",),
    of_item_kind=False,
)

CATALOGUE_REJECTS = Contract(
    "catalogue_rejects",
    "One line of a catalogue file that could not be taken.",
    (
        Column("file", "string", "file of the folder"),
        Column("line", "bigint", "number of the line, from 1"),
        Column("reason", "string", "why"),
        Column("text", "string", "its first 500 characters", nullable=True),
    ),
    key=("file", "line"),
    of_item_kind=False,
)

ARTIST_MATCHES = Contract(
    "artist_matches",
    "One artist played before as_of and the catalogue artist it is.",
    (
        AS_OF,
        ARTIST,
        ARTIST_NAME,
        CATALOGUE_ARTIST,
        Column("catalogue_name", "string", "name in the catalogue", nullable=True),
        Column("matched_by", "string", ", ".join(MATCHED_BY)),
        Column("similarity", "double", "0 to 100 of a fuzzy match, else null", nullable=True),
        Column("homonyms", "int", "catalogue artists that the name could mean, this one included"),
        PLAYS,
    ),
    key=("as_of", "artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

HOMONYMS = Contract(
    "homonyms",
    "One catalogue artist that a name could mean, of several; none chosen: the name is ambiguous.",
    (
        AS_OF,
        ARTIST,
        ARTIST_NAME,
        CATALOGUE_ARTIST,
        Column("matched_by", "string", ", ".join(MATCHED_BY)),
        Column("title_plays", "bigint", "plays before as_of of songs that this artist has"),
        Column("genre_agreement", "double", "share of its genres in what the listeners play"),
        Column("is_chosen", "boolean", "whether it was taken"),
        PLAYS,
    ),
    key=("as_of", "artist_id", "catalogue_artist_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

TRACK_AUDIO = Contract(
    "track_audio",
    "One track played before as_of that the catalogue knows, and how it sounds.",
    (
        AS_OF,
        Column("track_id", "int", "track, dense id from `tracks`"),
        Column("catalogue_track_id", "string", "track of the outside catalogue"),
        *numbers(*AUDIO),
        *categories(""),
        Column("duration_ms", "bigint", "milliseconds", nullable=True),
    ),
    key=("as_of", "track_id"),
    partitions=("as_of",),
    of_item_kind=False,
)

RECORDINGS = Contract(
    "recordings",
    "One track played before as_of and the recording it is a version of.",
    (
        AS_OF,
        Column("track_id", "int", "track, dense id from `tracks`"),
        Column("recording_id", "int", "track_id of the version that was played first"),
    ),
    key=("as_of", "track_id"),
    partitions=("as_of",),
    of_item_kind=False,
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
