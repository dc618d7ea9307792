import numpy as np

from ritornello.arrays import spans
from ritornello.shelves.artists import artist_rows
from ritornello.shelves.events import event_rows, skips_of_users
from ritornello.shelves.rows import best_of, nth_of
from shelved import as_dict, batch_of, catalogue_of

NAN = float("nan")


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_the_best_of_each_owner_with_ties_to_the_smaller_item():
    owner, item = ints(1, 0, 1, 1, 0), np.array([7, 5, 9, 6, 4], np.int32)
    at, rank = best_of(owner, item, np.array([2.0, 1.0, 3.0, 2.0, 1.0]), limit=2)
    assert list(zip(owner[at], item[at], rank, strict=True)) == [
        (0, 4, 1),
        (0, 5, 2),
        (1, 9, 1),
        (1, 6, 2),
    ]
    assert nth_of(ints()).tolist() == []


def test_spans_lie_end_to_end():
    span, place = spans(ints(10, 3, 7), ints(2, 0, 3))
    assert (span.tolist(), place.tolist()) == ([0, 0, 2, 2, 2], [10, 11, 7, 8, 9])


def test_artists_sum_up_what_the_listener_played_of_them():
    pairs = {
        (1, 10): {"decayed_7d": 1.0, "first_played_at": 3, "last_played_at": 9},
        (1, 11): {"decayed_7d": 2.0, "first_played_at": 5, "last_played_at": 6},
        (1, 12): {"decayed_7d": 4.0},  # of no known artist
        (2, 11): {"decayed_7d": 8.0, "first_played_at": 1, "last_played_at": 1},
    }
    batch = batch_of(pairs=pairs)
    catalogue = catalogue_of({item: {} for item in (10, 11, 12)}, artists={10: 30, 11: 30})
    rows = artist_rows(batch.pairs, catalogue)
    assert as_dict(rows, batch, "decayed_7d", "items", "newest_at", "last_played_at") == {
        (1, 30): (3, 2, 5, 9),
        (2, 30): (8, 1, 1, 1),
    }
    nobody = catalogue_of({item: {} for item in (10, 11, 12)})
    assert len(artist_rows(batch.pairs, nobody)) == 0


def test_events_count_skips_and_likes_and_keep_the_newest():
    events = [(1, 10, -1, 1), (1, 10, -2, 3), (1, 10, 2, 2), (2, 10, -1, 4), (2, 12, 3, 5)]
    batch = batch_of(pairs={(1, 9): {}, (2, 9): {}, (3, 9): {}}, events=events)
    (events,) = (rows for part, rows in batch.rows.items() if part.name == "EVENT")
    rows = event_rows(events)
    assert list(zip(rows.owner, rows.item, rows["skips"], rows["likes"], strict=True)) == [
        (0, 10, 2, 1),  # a dislike is a skip too
        (1, 10, 1, 0),
        (1, 12, 0, 1),
    ]
    np.testing.assert_array_equal(rows["last_skipped_at"], [3, 4, NAN])
    np.testing.assert_array_equal(rows["last_liked_at"], [2, NAN, 5])
    assert skips_of_users(events, 3).tolist() == [2, 1, 0]
