"""The sound of invented music: similar within a genre, more so within an artist.

Listeners choose by genre, so what they play sounds alike. Everything is a function of numbers
alone.
"""

import numpy as np

from ritornello.arrays import Flags, Floats64, Ints64
from ritornello.generator.streams import chance

# name: mean, spread between genres, smallest, largest
SOUND = {
    "danceability": (0.58, 0.25, 0.0, 1.0),
    "energy": (0.60, 0.30, 0.0, 1.0),
    "loudness": (-8.5, 5.0, -40.0, 0.0),
    "speechiness": (0.10, 0.09, 0.0, 1.0),
    "acousticness": (0.35, 0.33, 0.0, 1.0),
    "instrumentalness": (0.20, 0.25, 0.0, 1.0),
    "liveness": (0.20, 0.08, 0.0, 1.0),
    "valence": (0.48, 0.30, 0.0, 1.0),
    "tempo": (118.0, 32.0, 55.0, 215.0),
}
ARTIST_SHARE, TRACK_SHARE, VERSION_SHARE = 0.5, 0.5, 0.03
_GENRE, _ARTIST, _TRACK, _VERSION = 200, 220, 240, 260  # salts, one more for each feature


def sounds(genre: Ints64, artist: Ints64, track: Ints64, *, is_live: Flags) -> dict[str, Floats64]:
    """Return nine features of each track.

    A live version has an audience, and otherwise differs very little.
    """
    features = {}
    for place, (name, (mean, spread, low, high)) in enumerate(SOUND.items()):
        offset = _swing(genre, _GENRE + place)
        offset = offset + ARTIST_SHARE * _swing(artist, _ARTIST + place)
        offset = offset + TRACK_SHARE * _swing(track, _TRACK + place)
        offset = offset + np.where(is_live, VERSION_SHARE * _swing(track, _VERSION + place), 0)
        audience = 0.5 * is_live if name == "liveness" else 0.0
        features[name] = np.round(np.clip(mean + spread * offset + audience, low, high), 4)
    return features


def facts(genre: Ints64, track: Ints64) -> dict[str, Ints64]:
    """Return key, mode, beats, explicitness and duration of each track.

    ``time_signature`` is the beats of a bar, ``explicit`` whether there are explicit words.
    """
    return {
        "key": (chance(track, 301) * 12).astype(np.int64),
        "mode": (chance(track, 302) < 0.6).astype(np.int64),
        "time_signature": np.where(chance(track, 303) < 0.08, 3, 4).astype(np.int64),
        "explicit": (chance(track, 304) < 0.4 * chance(genre, 305)).astype(np.int64),
        "duration_ms": (130_000 + 190_000 * chance(track, 306)).astype(np.int64),
    }


def _swing(number: Ints64, salt: int) -> Floats64:
    """Draw a fixed number from -1 to 1, more often near 0."""
    return np.asarray(chance(number, salt) + chance(number, salt + 1000) - 1, np.float64)
