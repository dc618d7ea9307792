from datetime import UTC, datetime, timedelta

from ritornello.ranking.samples import labelled, sampled

D = datetime(2024, 5, 10, 15, tzinfo=UTC)


def test_labels_are_plays_from_the_instant_to_just_before_the_horizon(spark):
    rows = spark.createDataFrame(
        [(1, 5, [0.0]), (1, 6, [0.0]), (1, 7, [0.0]), (1, 8, [0.0]), (2, 5, [0.0])],
        "user_id int, item_id int, features array<float>",
    )
    plays = spark.createDataFrame(
        [
            (1, 5, D),  # the first instant counts
            (1, 5, D + timedelta(hours=1)),  # again: still one row
            (1, 6, D - timedelta(seconds=1)),  # before
            (1, 7, D + timedelta(days=7)),  # just outside
            (1, 8, D + timedelta(days=7, seconds=-1)),  # just inside
            (2, 9, D),  # not a candidate: listener 2 has no positive and is left out
        ],
        "user_id int, item_id int, played_at timestamp",
    )
    found = labelled(rows, plays, as_of=D, horizon=timedelta(days=7)).collect()
    assert {(r.user_id, r.item_id): r.label for r in found} == {
        (1, 5): 1,
        (1, 6): 0,
        (1, 7): 0,
        (1, 8): 1,
    }
    assert {r.group_id for r in found} == {(1 << 32) | int(D.timestamp())}
    assert {r.horizon_days for r in found} == {7.0}


def test_groups_of_large_ids_and_of_two_instants_of_a_day_do_not_collide(spark):
    rows = spark.createDataFrame(
        [(2_000_000_000, 5, [0.0])], "user_id int, item_id int, features array<float>"
    )
    later = D + timedelta(hours=5)  # a short history has training days of a few hours
    plays = spark.createDataFrame(
        [(2_000_000_000, 5, D), (2_000_000_000, 5, later)],
        "user_id int, item_id int, played_at timestamp",
    )
    groups = [
        labelled(rows, plays, as_of=day, horizon=timedelta(days=1)).first().group_id
        for day in (D, later)
    ]
    assert [group >> 32 for group in groups] == [2_000_000_000] * 2
    assert [group & 0xFFFF_FFFF for group in groups] == [int(d.timestamp()) for d in (D, later)]
    assert min(groups) > 0


def test_the_sample_is_a_share_of_listeners_and_the_same_every_time(spark):
    users = spark.range(4000).selectExpr("cast(id as int) as user_id").crossJoin(spark.range(2))
    once = {r.user_id for r in sampled(users, share=0.25, seed=1).collect()}
    again = {r.user_id for r in sampled(users.repartition(7), share=0.25, seed=1).collect()}
    other = {r.user_id for r in sampled(users, share=0.25, seed=2).collect()}
    assert once == again != other
    assert 900 < len(once) < 1100
    assert sampled(users, share=1.0, seed=1).count() == 8000
