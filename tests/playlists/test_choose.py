"""From candidates to a list: the limits, the share of discoveries, chance by the day, reasons."""

from datetime import UTC, date, datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from ritornello.errors import UsageError
from ritornello.playlists.choose import choose
from ritornello.playlists.moments import MOMENTS
from ritornello.settings.playlists import PlaylistSettings

NA = float("nan")
DAY = date(2024, 5, 6)
AS_OF = datetime(2024, 5, 6, tzinfo=UTC)
# as the paper: no limit but one row per track, no chance, in the order of the scores
PLAIN = {
    "artist_cap": 99,
    "cooldown_hours": 0.0,
    "discovery": None,
    "jitter": 0.0,
    "smooth": {"enabled": False},
}


def settings(**changes) -> PlaylistSettings:
    return PlaylistSettings.model_validate({**PLAIN, **changes})


def table(columns: str, rows: list[tuple]) -> pd.DataFrame:
    """Rows of candidates; columns that are not told are those of a played track without audio."""
    frame = pd.DataFrame(rows, columns=columns.split())
    usual = {"artist_id": 1, "recording_id": frame["track_id"], "is_repeat": True}
    return frame.assign(**{name: value for name, value in usual.items() if name not in frame})


def chosen(rows: pd.DataFrame, *, moment="default", length=5, day=DAY, seed=7, **changes):
    return choose(
        rows,
        moment=MOMENTS[moment],
        settings=settings(**changes),
        length=length,
        day=day,
        seed=seed,
    )


def stock(count: int = 100) -> pd.DataFrame:
    """Invented candidates: 100 tracks of 25 artists, every other one new, scores of all sizes."""
    n = np.arange(count)
    return pd.DataFrame(
        {
            "track_id": 1000 + n,
            "recording_id": 1000 + n - n % 10 % 2 * (n % 3 == 0),  # some are versions
            "artist_id": n % 25,
            "base": (n * 37 % 101) / 100,
            "is_repeat": n % 2 == 0,
            "tempo": 70.0 + n * 53 % 110,
            "valence": (n * 29 % 100) / 100,
            "energy": (n * 31 % 100) / 100,
            "key": n * 7 % 12,
            "mode": n % 2,
            "taste_tempo": 118.0,
            "taste_valence": 0.5,
        }
    )


def test_b2_top_10_with_rank_follow_the_final_score():
    """B2: top 10 with rank. Published fault: the GUI ignored the final score; here it decides."""
    rows = stock()
    told = chosen(rows, length=10)
    by_hand = (
        0.6 * rows["base"]
        + 0.2 * (1 - (rows["tempo"] - 118).abs() / 80).clip(lower=0)
        + 0.2 * (1 - (rows["valence"] - 0.5).abs())
    )
    order = pd.DataFrame({"s": by_hand, "song": rows["recording_id"], "track": rows["track_id"]})
    order = order.sort_values(["s", "track"], ascending=[False, True]).drop_duplicates("song")
    assert told["track_id"].tolist() == order["track"].head(10).tolist()
    np.testing.assert_allclose(told["score"], order["s"].head(10))
    assert told["rank"].tolist() == list(range(1, 11))
    # the base turned round turns the list round
    turned = chosen(rows.assign(base=1 - rows["base"]), length=10)
    assert not set(turned["track_id"]) & set(told["track_id"])


def test_b2_a_moment_lists_by_its_own_score():
    """B2: with a moment, its score decides in place of the final one."""
    rows = table(
        "track_id base tempo valence",
        [
            (1, 0.6, 190.0, 1.0),  # .4 * .56 + .6: what suits a workout
            (2, 1.0, 80.0, 0.1),  # .4 * .8: what the listener likes best
            (3, 0.0, 150.0, 0.75),
        ],
    )
    assert chosen(rows)["track_id"].tolist() == [2, 1, 3]
    assert chosen(rows, moment="workout")["track_id"].tolist() == [1, 3, 2]


def test_limits_of_artists_versions_and_rest_always_hold():
    rows = table(
        "track_id artist_id recording_id base last_played_at listed_moments",
        [
            (1, 10.0, 1, 1.0, None, None),  # the best of artist 10
            (2, 10.0, 2, 0.9, None, []),
            (3, 10.0, 3, 0.8, None, None),  # a third of artist 10: over the cap
            (4, 11.0, 4, 0.7, None, None),
            (5, 11.0, 4, 0.75, None, None),  # another version of 4, the better one
            (6, 12.0, 6, 0.65, AS_OF.replace(day=5, hour=13), None),  # 11 hours ago: rests
            (7, 12.0, 6, 0.64, None, None),  # another version of what was heard: rests
            (8, 12.0, 8, 0.63, AS_OF.replace(day=5, hour=11), None),  # 13 hours ago
            (9, 13.0, 9, 0.62, None, ["default", "walk"]),  # listed last night: rests
            (10, 13.0, 10, 0.61, None, ["walk"]),  # listed for another moment
            (11, NA, 11, 0.60, None, None),  # unknown artists are not one artist
            (12, NA, 12, 0.59, None, None),
            (13, NA, NA, 0.58, None, None),  # of no known recording: a song of its own
            (14, NA, NA, 0.57, None, None),
        ],
    ).assign(as_of=AS_OF)
    limits = {"artist_cap": 2, "cooldown_hours": 12.0}
    told = chosen(rows, length=20, **limits)
    assert told["track_id"].tolist() == [1, 2, 5, 8, 10, 11, 12, 13, 14]
    # without as_of the day's midnight is meant; times without zone are UTC
    naive = rows.drop(columns="as_of").assign(
        last_played_at=pd.to_datetime(rows["last_played_at"], utc=True).dt.tz_localize(None)
    )
    assert chosen(naive, length=20, **limits)["track_id"].tolist() == told["track_id"].tolist()
    # no hours, no rest, not even for what was played in the course of the day
    heard = naive.assign(last_played_at=AS_OF.replace(hour=1))
    assert 6 in chosen(heard, length=20, artist_cap=2)["track_id"].tolist()


def test_the_share_of_discoveries_is_kept_where_the_stock_allows():
    rows = table(
        "track_id artist_id is_repeat base",
        [(n, n, n <= 8, 1 - n / 100) for n in range(1, 13)],  # 1-8 known, 9-12 new, worse
    )

    def new_of(length, share):
        return int((~chosen(rows, length=length, discovery=share)["is_repeat"]).sum())

    assert new_of(10, 0.3) == 3
    assert new_of(5, 0.3) == 2  # 1.5 rounds up
    assert new_of(8, None) == 0  # as the scores fall
    assert new_of(10, 1.0) == 4  # there are but four: known ones fill up
    assert new_of(10, 0.0) == 2  # there are but eight known ones
    assert len(chosen(rows, length=20, discovery=0.3)) == 12  # shorter, not worse
    mixed = chosen(rows, length=10, discovery=0.3)
    assert mixed["track_id"].tolist() == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]  # still by score


def test_a_list_repeats_for_a_seed_and_differs_from_day_to_day():
    rows = stock()
    usual = PlaylistSettings()
    days = [date(2024, 5, n) for n in range(1, 15)]

    def listed(frame, day, seed=7):
        return choose(frame, moment=MOMENTS["walk"], settings=usual, length=10, day=day, seed=seed)

    lists = [listed(rows, day) for day in days]
    # the same whatever order the rows come in
    pd.testing.assert_frame_equal(listed(rows.sample(frac=1, random_state=1), days[0]), lists[0])
    sets = [frozenset(one["track_id"]) for one in lists]
    assert len(set(sets)) >= 10
    assert all(a != b for a, b in pairwise(sets))
    assert frozenset(listed(rows, days[0], seed=8)["track_id"]) != sets[0]
    for one in lists:  # chance never breaks a limit
        assert one["artist_id"].value_counts().max() <= usual.artist_cap
        assert one["recording_id"].is_unique
        assert int((~one["is_repeat"]).sum()) == 3
    # and it moves a score by no more than it may
    worst = min(one["score"].min() for one in lists)
    assert worst >= chosen(rows, moment="walk", length=20)["score"].min() - 2 * usual.jitter


def test_lists_of_many_listeners_are_those_of_each_alone():
    one, other = stock().assign(user_id=1), stock(40).assign(user_id=2, taste_tempo=90.0)
    usual = PlaylistSettings()

    def listed(frame):
        return choose(frame, moment=MOMENTS["rest"], settings=usual, length=10, day=DAY, seed=7)

    both = listed(pd.concat([other, one]).sample(frac=1, random_state=2))
    alone = pd.concat([listed(one), listed(other)], ignore_index=True)
    pd.testing.assert_frame_equal(both[alone.columns], alone)


def test_every_row_has_a_readable_reason_and_all_columns():
    rows = table(
        "track_id is_repeat plays last_played_at source base tempo valence",
        [
            (1, True, 12.0, AS_OF.replace(month=4, day=15), "own_history", 1.0, 174.0, NA),
            (2, True, 1.0, AS_OF.replace(day=5, hour=1), "own_history+als", 0.9, NA, 0.9),
            (3, False, 0.0, None, "als+own_artists", 0.8, NA, NA),
            (4, False, 0.0, None, None, 0.7, 100.0, 0.1),
            (5, True, NA, AS_OF.replace(month=1), "own_history", 0.6, 126.0, 1.0),
        ],
    ).assign(as_of=AS_OF, taste_tempo=170.0, taste_valence=0.9, comment="kept")
    told = chosen(rows, moment="workout")
    assert told.columns[:5].tolist() == ["rank", "track_id", "artist_id", "score", "reason"]
    assert set(rows.columns) <= set(told.columns)
    assert dict(zip(told["track_id"], told["reason"], strict=True)) == {
        1: "you played it 12 times, last 3 weeks ago; 174 bpm suits workout",
        2: "you played it once, last within a day; valence 0.90 suits workout",
        3: "new to you, people with your taste play it; its sound is unknown",
        4: "new to you; chosen for your taste rather than for workout",
        5: "you played it before, last 4 months ago; valence 1.00 suits workout",
    }
    sounds = dict(
        zip(
            told["track_id"],
            chosen(rows).set_index("track_id")["reason"].loc[told["track_id"]],
            strict=True,
        )
    )
    assert sounds[1].endswith("; 174 bpm as you like it")
    assert sounds[4].endswith("; another sound than usual")


def test_nothing_to_choose_from_is_an_empty_list_with_its_columns():
    told = chosen(stock().head(0))
    assert len(told) == 0
    assert told.columns[:5].tolist() == ["rank", "track_id", "artist_id", "score", "reason"]


@pytest.mark.parametrize("length", [4, 21])
def test_a_list_has_5_to_20_tracks(length):
    """B2: a length from 5 to 20 (10)."""
    assert PlaylistSettings().length == 10
    with pytest.raises(UsageError, match=f"5 to 20 tracks, not {length}"):
        chosen(stock(), length=length)
