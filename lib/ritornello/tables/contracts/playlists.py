"""Playlists: the tracks that may be listed, with their scores, and the lists for each moment."""

from ritornello.tables.contracts.catalogue import AUDIO, numbers
from ritornello.tables.contracts.contract import AS_OF, SOURCE_ID, USER, Column, Contract

TRACK = (
    Column("track_id", "int", "track, dense id from `tracks`"),
    Column("artist_id", "int", "artist, dense id from `artists`", nullable=True),
    Column("recording_id", "int", "recording that the track is a version of; else the track"),
)
NAMES = (
    Column("source_track_id", SOURCE_ID, "the source's track"),
    Column("source_track_key", "string", "the source's text id, if any", nullable=True),
    Column("track_name", "string", "name", nullable=True),
    Column("artist_name", "string", "name of its artist", nullable=True),
    Column("duration_ms", "bigint", "milliseconds", nullable=True),
)
KNOWN = (
    Column("is_repeat", "boolean", "the listener played a version of it before as_of"),
    Column("source", "string", "sources of the recommendation, joined by +"),
    Column("last_played_at", "timestamp", "newest play of any version of it", nullable=True),
)
KEYS = (
    Column("key", "int", "pitch class, 0 = C to 11 = B", nullable=True),
    Column("mode", "int", "1 major, 0 minor", nullable=True),
)

CAND_TRACKS = Contract(
    "cand_tracks",
    "One track that may stand on a listener's playlists: straight from the recommendations, or one "
    "of the best tracks of a recommended artist.",
    (
        AS_OF,
        USER,
        *TRACK,
        Column("recommendation_score", "double", "score of the track's or the artist's row"),
        Column("base", "double", "that score scaled to 0 to 1 within the listener"),
        Column("tempo_sim", "double", "likeness to the taste; 0.5 where either is unknown"),
        Column("valence_sim", "double", "likeness to the taste; 0.5 where either is unknown"),
        Column("final", "double", "0.6 base + 0.2 tempo_sim + 0.2 valence_sim, or as weighted"),
        *KNOWN,
        Column("plays", "bigint", "plays of all versions of it by the listener before as_of"),
        Column("listed_moments", "array<string>", "moments it was listed for in the last nights"),
        *NAMES,
        *numbers(*AUDIO),
        *KEYS,
        Column("taste_tempo", "double", "mean tempo of the listener's plays", nullable=True),
        Column("taste_valence", "double", "mean valence of the listener's plays", nullable=True),
    ),
    key=("as_of", "user_id", "track_id"),
    partitions=("as_of",),
    constraints={"past_only": "last_played_at IS NULL OR last_played_at < as_of"},
)

PLAYLISTS = Contract(
    "playlists",
    "One place of one listener's list for a moment.",
    (
        AS_OF,
        Column("moment", "string", "default, workout, focus, walk, rest or one of the settings"),
        USER,
        Column("source_user_id", SOURCE_ID, "the source's listener"),
        Column("rank", "int", "place in the list as it is played, from 1"),
        *TRACK,
        Column("score", "double", "the moment's score"),
        Column("reason", "string", "why it is listed, in words"),
        *KNOWN,
        *NAMES,
        *numbers("tempo", "valence", "energy"),
        *KEYS,
    ),
    key=("as_of", "moment", "user_id", "rank"),
    partitions=("as_of", "moment"),
    constraints={"from_one": "rank >= 1"},
)

TABLES = (CAND_TRACKS, PLAYLISTS)
