"""Generate candidates from every source as of an instant, with features."""

from datetime import datetime

from pyspark.sql import DataFrame

from ritornello.as_of import before
from ritornello.candidates import sources
from ritornello.candidates.union import union_of
from ritornello.features.marks import Marks, marks_of
from ritornello.job import Context
from ritornello.models.als_lists import als_lists, ship
from ritornello.night.lists.carry import carried_als_lists
from ritornello.night.state.base import Base
from ritornello.night.state.due import listeners_due
from ritornello.night.state.eligible import eligible
from ritornello.night.state.listened import events_of_kind
from ritornello.night.state.pairs import Choice, everyone, only, pair_rows
from ritornello.ranking.matrix import feature_rows
from ritornello.scratch import scratch


def artists_of_items(context: Context) -> DataFrame | None:
    """One row per (item_id, artist_id) of the catalogue.

    None if items are not tracks or no track has an artist.
    """
    if context.settings.item_kind != "track":
        return None
    tracks = context.store.read("tracks")
    known = tracks.where(tracks["artist_id"].isNotNull())
    if known.isEmpty():
        return None
    return known.select(known["track_id"].alias("item_id"), "artist_id")


def propose(
    context: Context,
    as_of: datetime,
    *,
    of: Choice = everyone,
    bars_before: datetime | None = None,
) -> tuple[DataFrame, DataFrame]:
    """Propose candidates to a choice of listeners.

    Returns ALS lists and the union of all sources, without what may not be served.
    """
    store, settings = context.store, context.settings.candidates
    pairs = pair_rows(context, as_of, of=of)
    items = store.read("item_stats", as_of=as_of)
    matrix = ship(known_factors(context, as_of))
    users = of(store.read("als_user_factors", as_of=as_of))
    length = max(settings.als, context.settings.recommend.length)
    lists = als_lists(users, pairs, matrix, length=length).localCheckpoint()
    artists = artists_of_items(context)
    proposals = [
        sources.own_history(pairs, limit=settings.own_history),
        sources.als(lists).where(f"rank <= {settings.als}"),
        sources.popular(pairs, items, limit=settings.popular, depth=settings.popular_depth),
    ]
    if artists is not None:
        proposals.append(own_artists(context, pairs, items, artists))
    union = union_of(proposals)
    return lists, eligible(context, union, as_of, of=of, bars_before=bars_before)


def known_factors(context: Context, as_of: datetime) -> DataFrame:
    """Read the item factors of the catalogue as of an instant.

    Factors of an earlier fit may know items whose only plays were taken back since.
    """
    items = context.store.read("item_stats", as_of=as_of).select("item_id")
    factors = context.store.read("als_item_factors", as_of=as_of)
    return factors.join(items, on="item_id", how="left_semi")


def own_artists(
    context: Context, pairs: DataFrame, items: DataFrame, artists: DataFrame
) -> DataFrame:
    """Propose tracks of a listener's own artists, within the settings' limits."""
    settings = context.settings.candidates
    return sources.own_artists(
        pairs,
        items,
        artists,
        limit=settings.own_artists,
        artists_per_user=settings.artists_per_user,
        items_per_artist=settings.tracks_per_artist,
    )


def candidate_features(
    context: Context,
    candidates: DataFrame,
    lists: DataFrame,
    *,
    as_of: datetime,
    of: Choice = everyone,
) -> DataFrame:
    """One row per candidate with its features."""
    store = context.store
    return feature_rows(
        candidates,
        pairs=pair_rows(context, as_of, of=of),
        items=store.read("item_stats", as_of=as_of),
        users=of(store.read("user_profile", as_of=as_of)),
        artists=artists_of_items(context),
        als_lists=lists,
        as_of=as_of,
        marks=marks_as_of(context, as_of, of=of),
    )


def marks_as_of(context: Context, as_of: datetime, *, of: Choice = everyone) -> Marks | None:
    """Count skips and likes before an instant, or return None if there are none.

    Those of pairs are for a choice of listeners, those of items are by everybody.
    """
    events = before(events_of_kind(context).where("weight != 1"), as_of)
    if events.isEmpty():
        return None
    return marks_of(events, of_pairs=of(events))


def generate_candidates(context: Context, as_of: datetime, *, base: Base | None = None) -> None:
    """Write als_lists and candidates as of an instant.

    In a short night only the listeners who are due get candidates. The others keep the als_lists of
    the base, because the same factors and the same plays would give the same lists.
    """
    with scratch() as scratchpad:
        if base is None:
            lists, candidates = propose(context, as_of)
        else:
            due = scratchpad.keep(listeners_due(context, base, as_of))
            lists, candidates = propose(context, as_of, of=only(due))
            lists = lists.unionByName(carried_als_lists(context, base, due, as_of=as_of))
        context.store.replace("als_lists", lists, as_of=as_of)
        context.store.replace("candidates", candidates, as_of=as_of)
