"""A list for people, for programs and for spreadsheets."""

import json
from datetime import datetime
from typing import Any

import pandas as pd
from rich.table import Table

from ritornello.instants import iso

NUMBERS = ("rank", "score")
HEADS = {"track_name": "track", "artist_name": "artist", "source": "found by"}


def as_csv(listed: pd.DataFrame) -> str:
    """A head and a line for each place; what is unknown is empty."""
    return listed.assign(last_played_at=listed["last_played_at"].map(_instant)).to_csv(
        index=False, lineterminator="\n"
    )


def as_json(listed: pd.DataFrame, **about: str | int | None) -> str:
    """What the list is, then its ``items``; what is unknown is null."""
    items = [
        {str(name): _plain(value) for name, value in row.items()}
        for row in listed.to_dict("records")
    ]
    return json.dumps({**about, "items": items}, ensure_ascii=False, indent=2) + "\n"


def as_table(listed: pd.DataFrame, *, title: str) -> Table:
    """A table for a terminal: names where there are any, else the source's id."""
    table = Table(title=title, title_justify="left")
    nameless = "track_name" if "track_name" in listed else "artist_name"
    ids = [column for column in map(str, listed) if column.startswith("source_")]
    shown = listed if listed[nameless].isna().any() else listed.drop(columns=ids)
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
