import numpy as np

from ritornello.sequence.windows import batches, hide, last_window, places_of, random_windows

HISTORY = np.arange(100, 125, dtype=np.int32)


def test_a_window_has_the_newest_plays_at_its_end():
    assert last_window(HISTORY, length=4, padding=999).tolist() == [121, 122, 123, 124]
    assert last_window(HISTORY[:2], length=4, padding=999).tolist() == [999, 999, 100, 101]
    assert last_window(HISTORY[:0], length=2, padding=999).tolist() == [999, 999]


def test_random_windows_are_stretches_of_the_history_and_cover_as_many_plays():
    drawn = random_windows(HISTORY, length=10, padding=999, random=np.random.default_rng(0))
    assert len(drawn) == 3
    for window in drawn:
        assert np.diff(window).tolist() == [1] * 9
    assert random_windows(HISTORY[:1], length=10, padding=9, random=np.random.default_rng(0)) == []


def test_every_window_comes_once_and_batches_have_one_shape():
    rows = [np.full(3, n, np.int32) for n in range(11)]
    random = np.random.default_rng(1)
    made = list(batches(rows, size=4, length=3, padding=99, buffer=4, random=random))
    assert {batch.shape for batch in made} == {(4, 3)}
    flat = np.concatenate(made)[:, 0].tolist()
    assert sorted(flat) == [*range(11), 99]
    assert flat != sorted(flat)


def test_the_last_play_is_always_hidden_and_padding_never():
    rows = np.stack([last_window(HISTORY[:5], length=8, padding=999), HISTORY[:8]])
    masked, places, items = hide(
        rows, share=0.5, padding=999, most=4, random=np.random.default_rng(3)
    )
    assert masked[:, -1].tolist() == [1000, 1000]
    assert (masked[0, :3] == 999).all()
    for row in range(2):
        hidden = items[row] != 999
        assert hidden.sum() == (masked[row] == 1000).sum() <= 4
        np.testing.assert_array_equal(rows[row, places[row][hidden]], items[row][hidden])
        assert (masked[row, places[row][hidden]] == 1000).all()


def test_items_that_the_catalogue_lacks_leave_no_hole():
    ids = np.array([3, 5, 9], np.int32)
    assert places_of(np.array([9, 4, 3, 9], np.int32), ids).tolist() == [2, 0, 2]
