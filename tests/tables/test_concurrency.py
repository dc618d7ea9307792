"""Two writers at once: slices apart do not clash, of two that want the same thing one wins."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ritornello.errors import ConflictError
from ritornello.tables.leases import Claim, read_lease, take_lease
from ritornello.tables.store import Store

DAY = datetime(2024, 5, 1, tzinfo=UTC)
FACTORS = "user_id int, factors array<float>"


@pytest.fixture(scope="module")
def warehouse(spark, tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("warehouse"))


def at_once(*actions) -> list:
    """What became of each: its result, or the error it ended with."""
    with ThreadPoolExecutor(len(actions)) as pool:
        futures = [pool.submit(action) for action in actions]
    return [future.exception() or future.result() for future in futures]


def test_writers_of_two_slices_do_not_clash_and_of_one_slice_one_is_told(spark, warehouse):
    def write(day: datetime, user: int):
        store = Store(spark, warehouse)
        rows = spark.createDataFrame([(user, [1.0])], FACTORS)
        return lambda: store.replace("als_user_factors", rows, as_of=day).rows

    write(DAY, 1)()
    assert at_once(write(DAY, 2), write(DAY + timedelta(days=1), 3)) == [1, 1]
    store = Store(spark, warehouse)
    assert {r.user_id for r in store.read("als_user_factors").collect()} == {2, 3}

    ends = at_once(*(write(DAY, user) for user in (4, 5, 6)))
    told = [end for end in ends if end != 1]
    assert all(isinstance(end, ConflictError) for end in told)
    assert store.read("als_user_factors", as_of=DAY).count() == 1  # never both


def test_of_two_takers_one_has_the_lease_and_a_number_is_taken_once(spark, warehouse):
    until = DAY + timedelta(hours=1)

    def take(holder: str, *, now: datetime = DAY):
        store = Store(spark, warehouse)
        claim = Claim("track", "refresh", DAY, holder, "")
        ends = now + timedelta(hours=1)
        seen = read_lease(store, claim)
        return lambda: take_lease(store, claim, now=now, until=ends, seen=seen).first().holder

    store = Store(spark, warehouse)
    other_day = Claim("track", "refresh", DAY - timedelta(days=1), "x", "")
    take_lease(store, other_day, now=DAY, until=until, seen=read_lease(store, other_day))
    ends = at_once(take("one"), take("other"))
    (row,) = store.read("leases").where("holder <> 'x'").collect()
    assert {end for end in ends if isinstance(end, str)} == {row.holder}
    ends = at_once(take("third", now=until), take("fourth", now=until))  # it has run out
    (row,) = store.read("leases").where("holder <> 'x'").collect()
    assert {end for end in ends if isinstance(end, str)} == {row.holder}
    assert row.holder in ("third", "fourth")

    schema = ", ".join(f"{c.name} {c.type}" for c in store.contracts["published"].columns)

    def publish(run_id: str):
        row = ("track", 1, DAY, DAY, 0, 1, run_id, "publish", {})
        rows = spark.createDataFrame([row], schema)
        return lambda: Store(spark, warehouse).append("published", rows, turn=("published", 1))

    store.append("published", spark.createDataFrame([], schema))
    at_once(publish("one"), publish("other"))  # both find the sequence free
    assert store.read("published").count() == 1
