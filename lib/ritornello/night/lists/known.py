"""Gather all that is known of listeners as of an instant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before
from ritornello.features.barred import NO_RULES, Rules
from ritornello.features.decay import DECAYED
from ritornello.instants import micros
from ritornello.job import Context
from ritornello.models.als_lists import ItemMatrix, ship
from ritornello.night.state.eligible import rules_as_of
from ritornello.night.state.listened import events_of_kind
from ritornello.night.state.pairs import Choice, everyone, pair_rows
from ritornello.ranking.matrix import unknown_features
from ritornello.shelves.batch import Batch, Layout, Part, batches_of, part_rows, stream
from ritornello.shelves.catalogue import ShippedCatalogue, ship_catalogue
from ritornello.tables.contracts import LAST_PLAYS

PROFILE = (
    *("plays", "items", "repeat_rate", "breadth", "first_played_at", "last_played_at"),
    *("decayed_7d", "decayed_30d", "decayed_120d", "decayed_365d", "decayed_items_30d"),
    "is_clean",
)
PAIR = (
    *("plays", "days", "first_played_at", "last_played_at"),
    *("streak_first_day", "streak_last_day", "streak_plays"),
    *(*DECAYED, *(f"plays_in_last_{n}" for n in LAST_PLAYS), "plays_since"),
)
EVENT = ("weight", "played_at")
LAYOUT: Layout = {Part.PROFILE: PROFILE, Part.PAIR: PAIR, Part.EVENT: EVENT, Part.FORBIDDEN: ()}


@dataclass(frozen=True)
class Known:
    """A stream of listeners, and what is shipped to read it.

    ``now`` is the instant in microseconds. ``unknown`` names features that are NaN for everybody.
    ``heeds_dislikes`` is false where items are artists: who dislikes a track may love another one.
    """

    layout: Layout
    catalogue: ShippedCatalogue
    matrix: ItemMatrix | None
    now: int
    unknown: tuple[str, ...]
    heeds_dislikes: bool

    @property
    def rank(self) -> int:
        """Return the number of factors that a listener comes with."""
        return self.matrix.rank if self.matrix else 0

    def batches(self, rows: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
        """Read the stream, a batch of whole listeners at a time."""
        return batches_of(rows, self.layout, rank=self.rank)

    def with_part(self, part: Part) -> "Known":
        """Add a part to read, which has no columns."""
        return replace(self, layout={**self.layout, part: ()})


def known_as_of(
    context: Context,
    as_of: datetime,
    *,
    of: Choice = everyone,
    to_propose: bool = True,
    bars_before: datetime | None = None,
    leave_out: Sequence[str] = (),
    more: Sequence[DataFrame] = (),
) -> tuple[DataFrame, Known]:
    """Return the stream of a choice of listeners, and what reads it.

    Factors and what may not be served come only with ``to_propose``, for whoever has candidates
    already needs neither. ``more`` are further parts of the stream. ``leave_out`` names features that
    are not computed.
    """
    events = before(events_of_kind(context).where("weight != 1"), as_of)
    has_events = not events.isEmpty()
    skips = events.where("weight < 0").groupBy("item_id").agg(F.count("*").alias("skips"))
    rules = rules_as_of(context, as_of, bars_before=bars_before) if to_propose else NO_RULES
    catalogue = catalogue_as_of(context, as_of, rules, skips=skips if has_events else None)
    known = Known(
        layout=LAYOUT,
        catalogue=catalogue,
        matrix=ship(known_factors(context, as_of)) if to_propose else None,
        now=micros(as_of),
        unknown=unknown_features(
            has_artists=catalogue.has_artists, has_events=has_events, leave_out=leave_out
        ),
        heeds_dislikes=context.settings.item_kind == "track",
    )
    parts = [
        _profiles(context, as_of, of, rules.clean, known.rank),
        part_rows(pair_rows(context, as_of, of=of), Part.PAIR, PAIR),
    ]
    if rules.pairs is not None:
        parts.append(part_rows(of(rules.pairs), Part.FORBIDDEN, ()))
    if has_events:
        parts.append(part_rows(of(events), Part.EVENT, EVENT))
    return stream([*parts, *more]), known


def _profiles(
    context: Context, as_of: datetime, of: Choice, clean: DataFrame | None, rank: int
) -> DataFrame:
    """One row of the stream per listener, with ``rank`` factors."""
    users = of(context.store.read("user_profile", as_of=as_of))
    if clean is None:
        users = users.withColumn("is_clean", F.lit(0))
    else:
        users = users.join(clean.withColumn("is_clean", F.lit(1)), "user_id", "left")
    if not rank:
        return part_rows(users, Part.PROFILE, PROFILE)
    factors = context.store.read("als_user_factors", as_of=as_of).select("user_id", "factors")
    nothing = F.array_repeat(F.lit(None).cast("float"), rank)
    users = users.join(factors, "user_id", "left")
    return part_rows(users, Part.PROFILE, PROFILE, F.coalesce("factors", nothing))


def catalogue_as_of(
    context: Context,
    as_of: datetime,
    rules: Rules = NO_RULES,
    *,
    skips: DataFrame | None = None,
) -> ShippedCatalogue:
    """Ship the catalogue as of an instant to every executor."""
    settings = context.settings.candidates
    return ship_catalogue(
        context.store.read("item_stats", as_of=as_of),
        artists=artists_of_items(context),
        barred=rules.items,
        explicit=rules.explicit,
        skips=skips,
        depth=settings.popular_depth,
        per_artist=settings.tracks_per_artist,
    )


def artists_of_items(context: Context) -> DataFrame | None:
    """One row per (item_id, artist_id) of the catalogue.

    None if items are not tracks.
    """
    if context.settings.item_kind != "track":
        return None
    tracks = context.store.read("tracks")
    known = tracks.where(tracks["artist_id"].isNotNull())
    return known.select(known["track_id"].alias("item_id"), "artist_id")


def known_factors(context: Context, as_of: datetime) -> DataFrame:
    """Read the item factors of the catalogue as of an instant.

    Factors of an earlier fit may know items whose only plays were taken back since.
    """
    items = context.store.read("item_stats", as_of=as_of).select("item_id")
    factors = context.store.read("als_item_factors", as_of=as_of)
    return factors.join(items, on="item_id", how="left_semi")
