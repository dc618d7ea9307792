"""Identify a delivery by its content.

The order of rows, the split into files and the file names do not matter. Hashes are summed in two
halves of 32 bits, so that sums are exact and independent of order. Nulls are replaced by values
first, because the hash function skips them.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from pyspark.sql import Column
from pyspark.sql import functions as F

from ritornello.instants import iso
from ritornello.plays.explode import is_play

ABSENT = -(2**63)


def row_hash() -> Column:
    """Hash a listener's row without its plays."""
    return F.xxhash64(_whole("character_index"), _whole("stated_size"), _whole("list_length"))


def play_hash() -> Column:
    """Hash one element of a listener's list."""
    return F.xxhash64(
        _whole("character_index"),
        "element_missing",
        _whole("track_index"),
        F.coalesce(F.unix_seconds("played_at"), F.lit(ABSENT)),
        F.coalesce("played_at_text", F.lit("")),
        _whole("weight"),
    )


def listener_hash_sums() -> tuple[Column, ...]:
    """Return the aggregates over the named listeners of a delivery."""
    hashed = F.xxhash64("character_index", F.coalesce("user_name", F.lit("")))
    return hash_sums("listener_hash", hashed)


def hash_sums(name: str, hashed: Column) -> tuple[Column, Column]:
    """Return two aggregates, ``<name>_high`` and ``<name>_low``.

    Null hashes are left out.
    """
    return (
        F.coalesce(F.sum(F.shiftright(hashed, 32)), F.lit(0)).alias(f"{name}_high"),
        F.coalesce(F.sum(hashed.bitwiseAND(F.lit(2**32 - 1))), F.lit(0)).alias(f"{name}_low"),
    )


def element_hash_sums() -> tuple[Column, ...]:
    """Return the aggregates over ``explode_lists`` that make a delivery's fingerprint."""
    return (
        *hash_sums("row_hash", F.when(F.col("opens_row"), row_hash())),
        *hash_sums("play_hash", F.when(is_play(), play_hash())),
    )


def fingerprint(
    sums: Mapping[str, int], *, received_until: datetime | None, kind: str = "full"
) -> str:
    """Compute the id of a delivery.

    An explicit ``received_until`` decides which plays are rejected, so it is part of the id. So is
    the kind: the content of an increment, delivered in full, takes back what it does not contain.
    """
    identity: dict[str, object] = {
        **sums,
        "received_until": iso(received_until) if received_until else None,
    }
    if kind != "full":
        identity["kind"] = kind
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]


def _whole(column: str) -> Column:
    return F.coalesce(column, F.lit(ABSENT))
