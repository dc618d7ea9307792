"""One driver at a time: who gives way to whom, on a local folder."""

import os
import time
from dataclasses import replace

import pytest

from ritornello.errors import BusyError
from ritornello.one_driver import needs_one_driver, one_driver
from ritornello.process import this_process
from ritornello.tables.creation import list_names
from ritornello.telemetry import Telemetry

ELSEWHERE = replace(this_process(), place="another machine")


def driver(spark, folder, name):
    return one_driver(spark, str(folder), name, Telemetry())


def left_by_another(folder, process, *, minutes_ago: float) -> None:
    file = folder / "drivers" / "other"
    file.parent.mkdir()
    file.write_text(str(process))
    os.utime(file, (time.time() - minutes_ago * 60,) * 2)


def test_a_second_driver_gives_way_and_leaves_nothing_behind(spark, tmp_path):
    with driver(spark, tmp_path, "first"):
        with pytest.raises(BusyError, match=f"run first works in {tmp_path}"):
            driver(spark, tmp_path, "second").__enter__()
        assert list_names(spark, f"{tmp_path}/drivers") == ["first"]
    with driver(spark, tmp_path, "second"):
        pass
    assert list_names(spark, f"{tmp_path}/drivers") == []


@pytest.mark.parametrize(
    ("process", "minutes_ago"),
    [
        (replace(this_process(), started="1"), 0),  # killed here: its number is another process's
        (ELSEWHERE, 6),  # silent elsewhere
    ],
)
def test_a_driver_that_is_gone_does_not_count(spark, tmp_path, process, minutes_ago):
    left_by_another(tmp_path, process, minutes_ago=minutes_ago)
    with driver(spark, tmp_path, "mine"):
        assert list_names(spark, f"{tmp_path}/drivers") == ["mine"]


@pytest.mark.parametrize("process", [ELSEWHERE, this_process()])
def test_a_driver_that_may_be_alive_counts(spark, tmp_path, process):
    left_by_another(tmp_path, process, minutes_ago=4)
    with pytest.raises(BusyError, match="run other works"):
        driver(spark, tmp_path, "mine").__enter__()
    assert list_names(spark, f"{tmp_path}/drivers") == ["other"]


@pytest.mark.parametrize(
    ("warehouse", "needed"),
    [
        ("s3a://music/warehouse", True),
        ("s3://music/warehouse", False),  # somebody set a LogStore for it
        ("file:///music/warehouse", False),
        ("/music/s3a:/warehouse", False),
        ("hdfs://music/warehouse", False),
    ],
)
def test_only_s3_without_a_log_store_of_its_own_needs_one_driver(spark, warehouse, needed):
    spark.conf.set("spark.delta.logStore.s3.impl", "io.delta.storage.S3DynamoDBLogStore")
    try:
        assert needs_one_driver(spark, warehouse) == needed
    finally:
        spark.conf.unset("spark.delta.logStore.s3.impl")
