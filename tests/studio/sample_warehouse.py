"""An invented warehouse for the studio, written without Spark: listeners, candidates and plays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from deltalake import write_deltalake

AS_OF = datetime(2025, 1, 6, tzinfo=UTC)
LISTENERS = ("ada", "béla", "carol <script>alert(1)</script>", "deaf to sounds", "nobody's lists")
TITLES = (
    "Amber", "Low Tide", "Paper Boats", "Nine Lanterns", "Slow Weather", "Copper Rain",
    "Half a Moon", "Northern Line", "Salt & Honey", "Wide Awake", "Little Engines", "Glass Harbour",
)  # fmt: skip
ARTISTS = (
    "The Quiet Hours", "Mira Solenne", "Tin Orchard", "Ostrava Nights", "Kaito & the Foxes",
    "Velvet Static", "Juno Marsh", "Old Ferry", "Ilse Brandt", "Parallel Sea", "Saffron Club",
    "Night Bakery", "Harbour Lights", "Polder",
)  # fmt: skip
CANDIDATES, REPEATS = 160, 90
TIME = pa.timestamp("us", tz="UTC")
TYPES = {
    "user_id": pa.int32(), "track_id": pa.int32(), "artist_id": pa.int32(),
    "recording_id": pa.int32(), "key": pa.int32(), "mode": pa.int32(), "weight": pa.int32(),
    "as_of": TIME, "last_played_at": TIME, "played_at": TIME, "month": pa.date32(),
    "explicit": pa.bool_(), "available_from": TIME, "available_until": TIME, "since": TIME,
    "listed_moments": pa.list_(pa.string()), "duration_ms": pa.int64(), "plays": pa.int64(),
    "tempo": pa.float64(), "valence": pa.float64(), "energy": pa.float64(),
    "taste_tempo": pa.float64(), "taste_valence": pa.float64(), "user_name": pa.string(),
}  # fmt: skip
AUDIO = (
    "tempo", "valence", "energy", "danceability", "loudness", "acousticness", "instrumentalness",
    "speechiness", "liveness",
)  # fmt: skip


def write_warehouse(place: Path) -> Path:
    """The warehouse; listener 3's tracks have no known sound, listener 4 has no candidates."""
    users = pd.DataFrame(
        {
            "user_id": range(len(LISTENERS)),
            "source_user_id": [str(1000 + n) for n in range(len(LISTENERS))],
            "user_name": LISTENERS,
        }
    )
    write(place / "users", users)
    tracks = pd.DataFrame({"track_id": range(CANDIDATES), "artist_id": 0, "source_track_id": None})
    tracks["source_track_id"] = [str(5000 + n) for n in tracks["track_id"]]
    for name in ("explicit", "available_from", "available_until"):
        tracks[name] = None
    write(place / "tracks", tracks)
    rows = pd.concat([candidates_of(user).astype(object) for user in range(len(LISTENERS) - 1)])
    for kind, part in (("track", rows), ("artist", rows[rows["track_id"] % 2 == 0])):
        write(place / kind / "cand_tracks", part, partitions=["as_of"])
        night = part[["as_of", "user_id"]].drop_duplicates()
        write(place / kind / "recommendations", night, partitions=["as_of"])
    write(place / "plays", pd.concat([plays_of(user) for user in range(4)]), partitions=["month"])
    return place


def candidates_of(user: int) -> pd.DataFrame:
    """One candidate of a listener, better first."""
    draw = np.random.default_rng(user)
    track = np.arange(CANDIDATES)
    repeat = track < REPEATS
    tempo = np.clip(draw.normal(112, 24, CANDIDATES), 55, 190)
    valence = np.clip(draw.beta(2.2, 2, CANDIDATES) + (tempo - 112) / 400, 0, 1)
    base = np.sort(draw.random(CANDIDATES))[::-1]
    days_ago = 1 + draw.exponential(40, CANDIDATES)
    played = [AS_OF - timedelta(days=float(days)) for days in days_ago]
    rows = pd.DataFrame(
        {
            "as_of": AS_OF,
            "user_id": user,
            "track_id": track,
            "artist_id": track % len(ARTISTS),
            "recording_id": track,
            "base": base,
            "tempo_sim": 0.5,
            "valence_sim": 0.5,
            "final": base,
            "is_repeat": repeat,
            "source": np.where(repeat, "own_history", "als+own_artists"),
            "last_played_at": [at if old else None for at, old in zip(played, repeat, strict=True)],
            "plays": np.where(repeat, 1 + draw.poisson(9, CANDIDATES), 0),
            "listed_moments": [[] for _ in track],
            "source_track_id": [str(5000 + n) for n in track],
            "source_track_key": [f"{n:022d}" if n % 3 else None for n in track],
            "track_name": [f"{TITLES[n % 12]} {n // 12 + 1}" for n in track],
            "artist_name": [ARTISTS[n % len(ARTISTS)] for n in track],
            "duration_ms": 150_000 + draw.integers(0, 120_000, CANDIDATES),
            **{name: draw.random(CANDIDATES) for name in AUDIO},
            "key": draw.integers(0, 12, CANDIDATES),
            "mode": draw.integers(0, 2, CANDIDATES),
            "taste_tempo": 104.0,
            "taste_valence": 0.46,
        }
    ).assign(tempo=tempo, valence=valence)
    unknown = [*AUDIO, "key", "mode", "taste_tempo", "taste_valence"]
    if user == 3:
        rows[unknown] = None
    rows.loc[rows["track_id"] % 11 == 5, unknown[:-2]] = None
    if user == 2:
        rows["track_name"] = '<img src=x onerror="document.title=1"> & "co"'
    return rows


def plays_of(user: int) -> pd.DataFrame:
    """One play; the last is at as_of and so belongs to the future."""
    draw = np.random.default_rng(100 + user)
    ages = np.append(draw.triangular(0, 30, 300, 900) + 0.01, 0.0)
    played = [AS_OF - timedelta(days=float(age)) for age in ages]
    return pd.DataFrame(
        {
            "user_id": user,
            "track_id": np.minimum(draw.geometric(0.02, len(ages)), REPEATS) - 1,
            "played_at": played,
            "weight": 1,
            "month": [at.date().replace(day=1) for at in played],
        }
    )


def write(place: Path, rows: pd.DataFrame, partitions: list[str] | None = None) -> None:
    arrays = {
        name: pa.Array.from_pandas(values.astype(object), type=TYPES.get(str(name)))
        for name, values in rows.items()
    }
    write_deltalake(str(place), pa.table(arrays), partition_by=partitions)
