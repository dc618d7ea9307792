"""coverage.json: how much of the listening log the catalogue knows, in plays and in names."""

import json
from datetime import datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.catalogue.joined import tally
from ritornello.catalogue.matching import covered_by
from ritornello.catalogue.names import NORMALISERS
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.operations.catalogue_log import Log, Outside

Figures = dict[str, Any]


def coverage(context: Context, as_of: datetime, log: Log, outside: Outside) -> str:
    """Shares of all plays before the instant and of all distinct artist names.

    ``per_normaliser``: that normaliser alone, homonyms included; ``matched_by``: the way each
    matched artist was found; ``overall``: all ways together, homonyms resolved.
    """
    store, settings = context.store, context.settings.catalogue
    all_plays = _number(log.tracks, "plays")
    names = _row(tally(log.artists))["names"]

    def share(artists: DataFrame) -> Figures:
        return _shares(_row(tally(artists)), all_plays, names)

    matches = store.read("artist_matches", as_of=as_of)
    ways = [
        row[0]
        for row in matches.select("matched_by").distinct().orderBy(F.col("matched_by")).collect()
    ]
    missing = store.read("unmatched", as_of=as_of)
    audio = log.tracks.join(store.read("track_audio", as_of=as_of), on="track_id", how="semi")
    told = {
        "as_of": iso(as_of),
        "normaliser": settings.normaliser,
        "homonyms": settings.homonyms,
        "vectors": settings.vectors,
        "plays": all_plays,
        "names": names,
        "overall": share(matches),
        "per_normaliser": {
            one: share(covered_by(log.artists, outside.artists, normaliser=one))
            for one in NORMALISERS
        },
        "matched_by": {way: share(matches.where(F.col("matched_by") == way)) for way in ways},
        "ambiguous": share(missing.where(F.col("reason") == "ambiguous")),
        "tracks_with_audio": {
            "tracks": audio.count(),
            "of": log.tracks.count(),
            "plays": _number(audio, "plays"),
            "plays_share": _ratio(_number(audio, "plays"), all_plays),
        },
    }
    return json.dumps(told, indent=2) + "\n"


def _shares(found: Figures, plays: int, names: int) -> Figures:
    return {
        "plays": found["plays"],
        "plays_share": _ratio(found["plays"], plays),
        "names": found["names"],
        "names_share": _ratio(found["names"], names),
    }


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0


def _number(rows: DataFrame, column: str) -> int:
    found = rows.agg(F.coalesce(F.sum(column), F.lit(0))).first()
    assert found is not None
    return int(found[0])


def _row(rows: DataFrame) -> Figures:
    found = rows.first()
    assert found is not None
    return dict(found.asDict())
