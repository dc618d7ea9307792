"""What an address on S3 needs, and what is said without it."""

import pytest
from py4j.protocol import Py4JJavaError

from ritornello.jars import COORDINATES, S3_LOCK, missing_s3_jars
from ritornello.storage import storage_sentence
from ritornello.tables.creation import list_names


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


@pytest.mark.parametrize(
    ("address", "file_system", "sentence"),
    [
        ("s3://music/w", None, "Spark has no file system for s3:// addresses: write s3a://"),
        ("foo://music/w", None, "no file system for foo:// addresses: use another"),
        ("gone://music/w", "org.apache.hadoop.fs.s3a.Gone", "run `make jars-s3` once"),
        ("lost://music/w", "org.apache.hadoop.fs.Lost", "the jar with org.apache.hadoop.fs.Lost"),
    ],
)
def test_an_address_that_spark_cannot_open_is_said_in_one_sentence(
    spark, address, file_system, sentence
):
    if file_system:
        name = f"fs.{address.partition(':')[0]}.impl"
        spark.sparkContext._jsc.hadoopConfiguration().set(name, file_system)
    with pytest.raises(Py4JJavaError) as error:
        list_names(spark, address)
    assert sentence in (storage_sentence(str(error.value)) or "")


def test_another_error_is_not_the_storages():
    assert storage_sentence("java.lang.OutOfMemoryError: Java heap space") is None


def test_the_s3_jars_are_of_the_hadoop_that_pyspark_brings(spark):
    version = spark.sparkContext._jvm.org.apache.hadoop.util.VersionInfo.getVersion()
    assert COORDINATES[S3_LOCK] == (f"org.apache.hadoop:hadoop-aws:{version}",)
