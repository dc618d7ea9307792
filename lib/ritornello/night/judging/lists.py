"""Make the lists of several methods in one pass over the shelves."""

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.items import popular_items
from ritornello.job import Context
from ritornello.methods.definitions import (
    ALL_METHODS,
    RANKER,
    SEQUENTIAL,
    own_scorer,
    published_lists,
    refuse_unknown,
)
from ritornello.methods.shelves import (
    rank_shelves,
    with_given,
)
from ritornello.night.judging.builders import BUILDERS
from ritornello.night.judging.day import Day, Wanted
from ritornello.night.judging.sequences import can_train, sequence_models
from ritornello.night.lists.known import artists_of_items


def lists_of_methods(day: Day, wanted: Wanted, *, length: int) -> DataFrame:
    """One row per (user_id, method) with its lists.

    The lists are mixed, repeats and new. A method with several options counts as several methods.
    """
    for name, options in wanted.items():
        scorer = own_scorer(name)
        if scorer is not None:
            day.scorers[name] = scorer
        elif name != RANKER and name not in SEQUENTIAL:  # the ranker's lists are published already
            BUILDERS[name](day, name, options)
    sequential = [name for name in wanted if name in SEQUENTIAL]
    if sequential:
        sequence_models(day, sequential, length=length)
    depth = day.context.settings.candidates.popular_depth
    row = popular_items(day.items, by="plays", depth=depth).first()
    popular = list(row["popular"]) if row else []
    shelved = with_given(day.shelved, day.scores) if day.scores else day.shelved
    ranked = rank_shelves(shelved, day.scorers, popular=popular, length=length)
    if RANKER not in wanted:
        return ranked
    kind = day.context.settings.item_kind
    published = day.context.store.read("recommendations", as_of=day.as_of)
    return ranked.unionByName(published_lists(published, method=RANKER, item=f"{kind}_id"))


def missing_needs(context: Context, names: Iterable[str], *, listeners: int) -> dict[str, str]:
    """Return the methods that cannot run on this data set.

    Each comes with the reason, worded as the end of a sentence.
    """
    refuse_unknown(names)
    tracks, artists = context.store.read("tracks"), artists_of_items(context)
    met = {
        "others": listeners > 1,
        "artists": artists is not None and not artists.isEmpty(),
        "sequence": can_train(),
    }
    why = {
        "others": "it learns from other listeners, and there is only one",
        "sequence": "the extra `sequence` is not installed: run `make sequence-tools`",
    }
    missing = {}
    for name in names:
        for need in ALL_METHODS[name].needs:
            if need not in met:
                met[need] = not tracks.where(F.col(need).isNotNull()).isEmpty()
            if not met[need]:
                missing[name] = why.get(need, f"the catalogue does not know {need}")
    return missing
