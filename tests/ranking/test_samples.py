from datetime import UTC, datetime, timedelta

import numpy as np

from ritornello.ranking.samples import group_ids, labelled, sampled
from ritornello.shelves.rows import Rows

D = datetime(2024, 5, 10, 15, tzinfo=UTC)


def rows(*keys: tuple[int, int]) -> Rows:
    owner, item = zip(*keys, strict=True)
    return Rows(np.array(owner, np.int64), np.array(item, np.int32), {})


def test_labels_are_later_plays_and_listeners_without_one_are_left_out():
    later = rows((0, 5), (0, 5), (0, 8), (1, 9))  # played twice, and what is no candidate
    kept, label = labelled(rows((0, 5), (0, 6), (0, 8), (1, 5)), later)
    assert list(zip(kept.owner, kept.item, label, strict=True)) == [(0, 5, 1), (0, 6, 0), (0, 8, 1)]


def test_groups_of_large_ids_and_of_two_instants_of_a_day_do_not_collide():
    later = D + timedelta(hours=5)  # a short history has training days of a few hours
    users = np.array([2_000_000_000, 2_000_000_001], np.int32)
    groups = np.concatenate([group_ids(users, day) for day in (D, later)])
    assert (groups >> 32).tolist() == users.tolist() * 2
    assert (groups & 0xFFFF_FFFF).tolist() == [int(D.timestamp())] * 2 + [
        int(later.timestamp())
    ] * 2
    assert groups.min() > 0


def test_the_sample_is_a_share_of_listeners_and_the_same_every_time(spark):
    users = spark.range(4000).selectExpr("cast(id as int) as user_id").crossJoin(spark.range(2))
    once = {r.user_id for r in sampled(users, share=0.25, seed=1).collect()}
    again = {r.user_id for r in sampled(users.repartition(7), share=0.25, seed=1).collect()}
    other = {r.user_id for r in sampled(users, share=0.25, seed=2).collect()}
    assert once == again != other
    assert 900 < len(once) < 1100
    assert sampled(users, share=1.0, seed=1).count() == 8000
