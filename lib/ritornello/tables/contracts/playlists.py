"""Contracts of playlists: the candidate tracks and the lists for each moment."""

from ritornello.tables.contracts.catalogue import AUDIO, numbers
from ritornello.tables.contracts.contract import (
    AS_OF,
    SOURCE_USER,
    USER,
    Column,
    Contract,
    source_item,
)

TRACK = (
    Column("track_id", "int", "track, dense id from `tracks`"),
    Column("artist_id", "int", "artist, dense id from `artists`", nullable=True),
    Column("recording_id", "int", "recording that the track is a version of, else track_id"),
)
NAMES = (
    source_item("track"),
    Column(
        "source_track_key",
        "string",
        "the source's text id of the track, if it has one",
        nullable=True,
    ),
    Column("track_name", "string", "name of the track", nullable=True),
    Column("artist_name", "string", "name of the artist", nullable=True),
    Column("duration_ms", "bigint", "length in milliseconds", nullable=True),
)
KNOWN = (
    Column("is_repeat", "boolean", "whether the listener played a version of it before as_of"),
    Column("source", "string", "candidate sources of the recommendation, joined by +"),
    Column(
        "last_played_at",
        "timestamp",
        "the listener's newest play of any version of it",
        nullable=True,
    ),
)
KEYS = (
    Column("key", "int", "pitch class, 0 = C to 11 = B", nullable=True),
    Column("mode", "int", "mode, 1 major or 0 minor", nullable=True),
)

CAND_TRACKS = Contract(
    "cand_tracks",
    "One row per listener and track that may be listed: a recommended track, or one of the best "
    "tracks of a recommended artist.",
    (
        AS_OF,
        USER,
        *TRACK,
        Column("recommendation_score", "double", "score of the recommended track or artist"),
        Column("base", "double", "that score, scaled to [0, 1] within the listener"),
        Column("tempo_sim", "double", "likeness to taste_tempo, 0 to 1; 0.5 if either is unknown"),
        Column(
            "valence_sim", "double", "likeness to taste_valence, 0 to 1; 0.5 if either is unknown"
        ),
        Column(
            "final", "double", "0.6 base + 0.2 tempo_sim + 0.2 valence_sim, or by other weights"
        ),
        *KNOWN,
        Column("plays", "bigint", "the listener's plays of all versions of it before as_of"),
        Column(
            "listed_moments", "array<string>", "moments for which it was listed in the last nights"
        ),
        *NAMES,
        *numbers(*AUDIO),
        *KEYS,
        Column("taste_tempo", "double", "mean tempo of the listener's plays", nullable=True),
        Column("taste_valence", "double", "mean valence of the listener's plays", nullable=True),
    ),
    key=("as_of", "user_id", "track_id"),
    partitions=("as_of",),
    constraints={"past_only": "last_played_at IS NULL OR last_played_at < as_of"},
    version=2,
)

PLAYLISTS = Contract(
    "playlists",
    "One row per place in a listener's list for a moment.",
    (
        AS_OF,
        Column(
            "moment", "string", "default, workout, focus, walk, rest or a moment of the settings"
        ),
        USER,
        SOURCE_USER,
        Column("rank", "int", "place in the playing order, from 1"),
        *TRACK,
        Column("score", "double", "score of the track for the moment"),
        Column("reason", "string", "one sentence that explains why the track is listed"),
        *KNOWN,
        *NAMES,
        *numbers("tempo", "valence", "energy"),
        *KEYS,
    ),
    key=("as_of", "moment", "user_id", "rank"),
    partitions=("as_of", "moment"),
    constraints={"from_one": "rank >= 1"},
    version=2,
)

TABLES = (CAND_TRACKS, PLAYLISTS)
