"""What an address on S3 needs, and what is said without it."""

import re

import pytest

from ritornello import jars
from ritornello.errors import UsageError
from ritornello.jars import COORDINATES, LOCK, S3_LOCK, jars_folder, missing_s3_jars, read_pins


def test_an_s3_address_without_its_jars_says_what_to_run(tmp_path):
    uri = "s3a://music/warehouse"
    sentence = (
        f"{uri} needs jars that are not in {tmp_path}: run `make jars-s3` once, with network access"
    )
    assert missing_s3_jars(uri, str(tmp_path)) == sentence
    assert missing_s3_jars("./warehouse", str(tmp_path)) is None
    assert missing_s3_jars("hdfs://music/warehouse", str(tmp_path)) is None
    (tmp_path / "org.apache.hadoop_hadoop-aws-3.3.4.jar").touch()
    assert missing_s3_jars(uri, str(tmp_path)) is None


def test_the_s3_jars_are_of_the_hadoop_that_pyspark_brings(spark):
    version = spark.sparkContext._jvm.org.apache.hadoop.util.VersionInfo.getVersion()
    assert COORDINATES[S3_LOCK] == (f"org.apache.hadoop:hadoop-aws:{version}",)


def test_a_folder_that_somebody_named_wins_and_must_hold_the_jars(tmp_path, monkeypatch):
    monkeypatch.delenv(jars.JARS, raising=False)
    with pytest.raises(UsageError, match="run `make jars` once"):
        jars_folder(str(tmp_path))
    first, *others = sorted(read_pins(LOCK))
    for name in others:
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match=f"lacks {re.escape(first)}: run"):
        jars_folder(str(tmp_path))
    (tmp_path / first).touch()
    assert jars_folder(str(tmp_path)) == tmp_path
    (tmp_path / "other").mkdir()
    monkeypatch.setenv(jars.JARS, str(tmp_path / "other"))
    with pytest.raises(UsageError, match="other"):
        jars_folder(str(tmp_path))


def test_outside_a_checkout_the_cache_is_filled_once(tmp_path, monkeypatch):
    """Jars are those of a folder here; the real download is that of make setup."""
    monkeypatch.delenv(jars.JARS, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "CHECKOUT", tmp_path / "nowhere")
    fetched = []

    def resolve(scratch, coordinates):
        fetched.append(coordinates)
        return {}

    monkeypatch.setattr(jars, "_resolve", resolve)
    with pytest.raises(UsageError, match="could not be fetched"):
        jars_folder(None)
    monkeypatch.setattr(jars, "fetch", lambda folder, lock: folder.mkdir(parents=True))
    folder = jars_folder(None)
    assert folder.parent == tmp_path / "cache" / "ritornello"
    monkeypatch.setattr(jars, "fetch", None)  # a second fetch would fail
    assert jars_folder(None) == folder
    assert fetched == [COORDINATES[jars.LOCK]]
