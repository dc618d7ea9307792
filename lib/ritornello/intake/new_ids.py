"""Append new listeners, artists and tracks under new ids.

Rows that the tables have already keep their ids; what a delivery corrects of them is taken over.
"""

import uuid

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import ConflictError
from ritornello.intake.corrections import correct_artists, correct_tracks, correct_users
from ritornello.intake.numbering import Keep, Numbering, known_ids
from ritornello.plays.artists import artists_of, with_artist_id
from ritornello.plays.dense_ids import with_dense_ids
from ritornello.plays.tracks import by_first_play, new_ones
from ritornello.tables.store import Store


def append_users(
    store: Store,
    first_played: DataFrame,
    *,
    numbering: Numbering,
    keep: Keep,
    are_newest: bool = True,
) -> None:
    """Append new listeners with a kept play, with their names.

    The name is null for listeners that came without one. Names correct those of known listeners, if
    they ``are_newest``.
    """
    had_users = store.exists("users")
    played = numbering.listeners.join(first_played, on="character_index", how="inner")
    _append(store, "users", played, "source_user_id", "user_id", keep)
    if had_users and are_newest:
        correct_users(store, numbering.listeners)


def append_tracks(store: Store, listed: DataFrame, first_played: DataFrame, *, keep: Keep) -> None:
    """Append new artists and tracks, and correct the known tracks."""
    had_tracks = store.exists("tracks")
    known = known_ids(store, "tracks", "source_track_id", "track_id")
    dated = listed.join(first_played, on="track_index", how="left")
    of_delivery = keep(artists_of(dated))
    had_artists = store.exists("artists")
    _append(store, "artists", of_delivery, "source_artist_id", "artist_id", keep)
    if had_artists:
        correct_artists(store, of_delivery)
    artists = known_ids(store, "artists", "source_artist_id", "artist_id")
    named = keep(with_artist_id(dated, artists))
    new = new_ones(named, known, "source_track_id")
    _append(store, "tracks", new, "source_track_id", "track_id", keep)
    if had_tracks:  # a first delivery has nothing to correct
        correct_tracks(store, named)


def _append(
    store: Store, table: str, rows: DataFrame, source_id: str, id_column: str, keep: Keep
) -> None:
    known = known_ids(store, table, source_id, id_column)
    newest = known.agg(F.max(id_column)).first() if store.exists(table) else None
    first_id = 0 if newest is None or newest[0] is None else newest[0] + 1
    new = with_dense_ids(
        new_ones(rows, known, source_id),
        id_column=id_column,
        order_by=by_first_play(source_id),
        first_id=first_id,
        keep=keep,
    )
    promised = [column.name for column in store.contracts[table].columns]
    if not new.isEmpty():
        _claim(store, table, new.select(*promised), first_id=first_id)
    elif not store.exists(table):
        store.append(table, new.select(*promised))


def _claim(store: Store, table: str, rows: DataFrame, *, first_id: int) -> None:
    """Append one or more rows under new ids.

    Raises ConflictError if another run gave these ids at the same time.

    The first new id is the turn of the commit: Delta takes one commit of a turn and drops or refuses
    the other.
    """
    mark = f"new ids {uuid.uuid4().hex}"
    store.append(table, rows, mark=mark, turn=(f"new ids of {table}", first_id))
    if store.marked(table, mark) is None:
        raise ConflictError(
            f"another run gave new ids in {table} at the same time: run the same command again"
        )
