"""Coverage: the share of plays and names that the catalogue knows.

It is written to coverage.json.
"""

import json
from datetime import datetime
from functools import partial
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.catalogue.joined import covered, shares
from ritornello.catalogue.names import NORMALISERS
from ritornello.instants import iso
from ritornello.intake.catalogue.listening_log import Log, Outside
from ritornello.job import Context
from ritornello.tables.contracts.catalogue import MATCHED_BY

Figures = dict[str, Any]


def coverage(context: Context, as_of: datetime, log: Log, outside: Outside) -> str:
    """Compute the catalogue's shares of plays and of distinct artist names.

    Plays are those before the instant. ``per_normaliser`` is that normaliser alone, homonyms
    included. ``matched_by`` is the way each artist was matched. ``overall`` is all ways together,
    homonyms resolved. Returns JSON.
    """
    settings = context.settings.catalogue
    every = _figures(context, as_of, log, outside)
    plays, audio = _sums(log.tracks), _sums(_with_audio(context, as_of, log))
    share = partial(_shares, every, plays["plays"], every["all_names"])
    ways = [way for way in MATCHED_BY if every[f"{way}_names"]]
    report = {
        "as_of": iso(as_of),
        "normaliser": settings.normaliser,
        "homonyms": settings.homonyms,
        "vectors": settings.vectors,
        "plays": plays["plays"],
        "names": every["all_names"],
        "overall": share("matched"),
        "per_normaliser": {name: share(f"by_{name}") for name in NORMALISERS},
        "matched_by": {way: share(way) for way in ways},
        "ambiguous": share("ambiguous"),
        "tracks_with_audio": {
            "tracks": audio["tracks"],
            "of": plays["tracks"],
            "plays": audio["plays"],
            "plays_share": _ratio(audio["plays"], plays["plays"]),
        },
    }
    return json.dumps(report, indent=2) + "\n"


def _figures(context: Context, as_of: datetime, log: Log, outside: Outside) -> Figures:
    """Count names and plays of every group of artists in one pass."""
    store = context.store
    matches, missing = (store.read(t, as_of=as_of) for t in ("artist_matches", "unmatched"))
    conditions = {
        "all": F.lit(True),
        "matched": F.col("matched_by").isNotNull(),
        "ambiguous": F.col("reason") == "ambiguous",
        **{f"by_{name}": F.col(f"by_{name}") for name in NORMALISERS},
        **{way: F.col("matched_by") == way for way in MATCHED_BY},
    }
    rows = covered(log.artists, outside.artists, matches, missing)
    return _row(shares(rows, conditions))


def _with_audio(context: Context, as_of: datetime, log: Log) -> DataFrame:
    audio = context.store.read("track_audio", as_of=as_of)
    return log.tracks.join(audio, on="track_id", how="semi")


def _sums(tracks: DataFrame) -> Figures:
    plays = F.coalesce(F.sum("plays"), F.lit(0)).alias("plays")
    return _row(tracks.agg(F.count("*").alias("tracks"), plays))


def _shares(figures: Figures, plays: int, names: int, group: str) -> Figures:
    return {
        "plays": figures[f"{group}_plays"],
        "plays_share": _ratio(figures[f"{group}_plays"], plays),
        "names": figures[f"{group}_names"],
        "names_share": _ratio(figures[f"{group}_names"], names),
    }


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0


def _row(rows: DataFrame) -> Figures:
    row = rows.first()
    assert row is not None
    return dict(row.asDict())
