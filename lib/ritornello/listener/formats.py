"""Format a list for people, programs and spreadsheets."""

import json
from datetime import datetime
from typing import Any

import pandas as pd
from rich.table import Table

from ritornello.instants import iso

NUMBERS = ("rank", "score")
HEADS = {"track_name": "track", "artist_name": "artist", "source": "found by"}


def as_csv(places: pd.DataFrame) -> str:
    """Format a list as CSV, with a header and one line per place.

    Unknown values are empty.
    """
    return places.assign(last_played_at=places["last_played_at"].map(_instant)).to_csv(
        index=False, lineterminator="\n"
    )


def as_json(places: pd.DataFrame, **about: str | int | bool | None) -> str:
    """Format a list as JSON: its description, then its ``items``.

    Unknown values are null.
    """
    items = [
        {str(name): _plain(value) for name, value in row.items()}
        for row in places.to_dict("records")
    ]
    return json.dumps({**about, "items": items}, ensure_ascii=False, indent=2) + "\n"


def as_table(places: pd.DataFrame, *, title: str) -> Table:
    """Format a list as a table for a terminal.

    The source's ids are shown only where a name is missing.
    """
    table = Table(title=title, title_justify="left")
    nameless = "track_name" if "track_name" in places else "artist_name"
    ids = [column for column in map(str, places) if column.startswith("source_")]
    shown = places if places[nameless].isna().any() else places.drop(columns=ids)
    words = shown["source"].str.replace("_", " ").str.replace("+", ", ")
    for column in shown.columns:
        number = column in NUMBERS
        table.add_column(
            HEADS.get(column, column.replace("_", " ")), justify="right" if number else "left"
        )
    for row in shown.assign(source=words).itertuples(index=False):
        table.add_row(*(_text(value) for value in row))
    return table


def _instant(value: Any) -> str | None:
    return None if pd.isna(value) else iso(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _instant(value)
    return None if pd.isna(value) else value


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return "" if pd.isna(value) else value.strftime("%Y-%m-%d")
    plain = _plain(value)
    if plain is None:
        return ""
    return f"{plain:.4f}" if isinstance(plain, float) else str(plain)
