"""Leave out what may not be served: the rule of night/state/eligible.py, on arrays."""

import numpy as np

from ritornello.arrays import Flags
from ritornello.shelves.batch import Batch, Part
from ritornello.shelves.catalogue import Catalogue
from ritornello.shelves.rows import Rows, largest_of
from ritornello.tables.contracts import DISLIKE


def are_allowed(
    candidates: Rows, batch: Batch, catalogue: Catalogue, *, heeds_dislikes: bool
) -> Flags:
    """Return whether each candidate may be served to its listener.

    The profile's ``is_clean`` is 1 for listeners to whom explicit items are forbidden.
    """
    at, is_there = catalogue.places(candidates.item)
    is_clean = batch.profile["is_clean"][candidates.owner] == 1
    forbidden = is_there & catalogue.is_barred[at]
    forbidden |= is_there & catalogue.is_explicit[at] & is_clean
    forbidden |= batch.rows[Part.FORBIDDEN].has(candidates.keys)
    if heeds_dislikes:
        forbidden |= disliked(batch.rows[Part.EVENT], batch.pairs).has(candidates.keys)
    allowed: Flags = np.logical_not(forbidden)
    return allowed


def disliked(events: Rows, pairs: Rows) -> Rows:
    """Keep the listeners and items with a dislike that still holds.

    A later like or play takes a dislike back, and a skip does not, as in features/disliked.py. At one
    instant the dislike counts.
    """
    dislikes = largest_of(events.where(events["weight"] <= DISLIKE), "played_at")
    last_played = pairs.at(dislikes.keys, "last_played_at")
    taken_back = last_played > dislikes["played_at"]  # false where it was never played
    return dislikes.where(~taken_back)
