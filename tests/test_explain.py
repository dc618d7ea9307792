"""What is wrong with a machine is said in one line, with a code of its own."""

import errno
import os

import pytest
from pyspark.sql import SparkSession

from ritornello.errors import EXIT_CODES, BadInputError
from ritornello.explain import explained, explained_line

JAVA = "py4j.protocol.Py4JJavaError: An error occurred while calling o1.save.\n: "


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("java.io.IOException: No space left on device", 8, "full: make room"),
        ("org.apache.hadoop.fs.FSError: java.io.IOException: Disk quota exceeded", 8, "make room"),
        ("java.lang.OutOfMemoryError: Java heap space", 8, "raise spark.driver_memory"),
        ("Job aborted: ExecutorLostFailure (executor 3 exited)", 8, "worker process was lost"),
        ("Python worker exited unexpectedly (crashed)", 8, "worker process was lost"),
        ("All masters are unresponsive! Giving up.", 8, "check spark.master"),
        ("java.net.UnknownHostException: nowhere.example", 8, "check the URI"),
        ("Answer from Java side is empty", 8, "ended before the job"),
        ("[Errno 111] Connection refused", 8, "ended before the job"),
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited", 8, "ritornello doctor"),
        (
            'UnsupportedFileSystemException: No FileSystem for scheme "nosuch"',
            2,
            "no file system for nosuch://",
        ),
        (
            "java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found",
            2,
            "needs the jars of S3",
        ),
        ("java.lang.ClassNotFoundException: io.delta.Nothing", 2, "the class io.delta.Nothing"),
        (
            "java.io.IOException: Mkdirs failed to create file:/a/b (exists=false)",
            2,
            "/a/b cannot be",
        ),
        ("java.io.FileNotFoundException: /a/c.crc (Permission denied)", 2, "/a/c.crc cannot be"),
        ("java.nio.file.FileSystemException: /a/d: Not a directory", 2, "/a/d cannot be"),
        ("java.nio.file.AccessDeniedException: /a/e", 2, "/a/e cannot be"),
        (
            "ParentNotDirectoryException: Parent path is not a directory: file:/a/f",
            2,
            "/a/f cannot",
        ),
        (
            "java.io.FileNotFoundException: /a b/c d.crc (Permission denied)",
            2,
            "/a b/c d.crc cannot be",
        ),
        (
            "java.io.IOException: Mkdirs failed to create file:/a b/c (exists=false)",
            2,
            "/a b/c cannot",
        ),
        ("java.io.FileNotFoundException: /a/c.crc (Too many open files)", 8, "ulimit -n"),
        ("java.net.SocketTimeoutException: connect timed out", 8, "does not answer in time"),
        ("NoAwsCredentialsException: SimpleAWSCredentialsProvider", 2, "S3 needs credentials"),
        (
            "IllegalArgumentException: System memory 134217728 must be at least 471859200",
            2,
            "raise spark.driver_memory",
        ),
        (
            "SparkException: Could not parse Master URL: 'local[x]'",
            2,
            "local[x] is not a Spark master",
        ),
        (
            "java.net.URISyntaxException: Illegal character in authority at index 7: hdfs://a b",
            2,
            "is not an address",
        ),
        (
            "ConnectException: Call From here/10.0.0.1 to name.example:8020 failed on connection "
            "exception: java.net.ConnectException: Connection refused",
            8,
            "name.example:8020 does not answer",
        ),
        (
            "ClassNotFoundException: Class org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem not found",
            2,
            "name the jars of this file system",
        ),
        ("[PATH_NOT_FOUND] Path does not exist: file:/a/b.", 2, "file:/a/b does not exist"),
    ],
)
def test_a_text_of_java_becomes_a_sentence(text, code, hint):
    known = explained(RuntimeError(JAVA + text))
    assert known is not None
    assert (known.exit_code, hint in str(known)) == (code, True), str(known)
    assert "\n" not in str(known)
    assert "Exception" not in str(known)


@pytest.mark.parametrize(
    ("error", "code", "hint"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a"), 8, "make room"),
        (PermissionError(errno.EACCES, "Permission denied", "/a/b"), 2, "/a/b cannot be used"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "/a/b"), 2, "/a/b cannot be used"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/a"), 2, "check the path"),
        (OSError(errno.EMFILE, "Too many open files", "/a"), 8, "ulimit -n"),
        (MemoryError(), 8, "Python ran out of memory"),
    ],
)
def test_an_error_of_python_becomes_a_sentence(error, code, hint):
    known = explained(error)
    assert known is not None
    assert (known.exit_code, hint in str(known)) == (code, True)


def test_the_error_behind_another_counts():
    error = ValueError("while writing")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    known = explained(error)
    assert known is not None
    assert known.exit_code == 8


def test_a_fault_of_the_code_stays_a_bug(tmp_path, monkeypatch):
    monkeypatch.setenv("RITORNELLO_LOG", str(tmp_path / "r.log"))
    assert explained(KeyError("user_id")) is None
    line, code = explained_line(KeyError("user_id"), "refresh")
    assert code == 70
    assert line.startswith("error: a bug in Ritornello")
    assert str(tmp_path / "r.log") in line
    assert "KeyError" in (tmp_path / "r.log").read_text()
    line, code = explained_line(BadInputError("a.parquet is no Parquet file"), "import-plays")
    assert (line, code) == ("error: a.parquet is no Parquet file", 3)
    assert {2, 3, 8, 70} <= set(EXIT_CODES)


@pytest.mark.parametrize("place", ["nosuch://host/w", "s3a://bucket/w"])
def test_what_spark_says_of_an_unknown_address_is_known(spark: SparkSession, place):
    with pytest.raises(Exception) as raised:  # noqa: PT011
        spark.range(1).write.parquet(place)
    known = explained(raised.value)
    assert known is not None
    assert known.exit_code == 2


def test_what_spark_says_of_a_folder_that_cannot_be_written_is_known(spark, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Exception) as raised:  # noqa: PT011
        spark.range(1).write.format("delta").save(f"{tmp_path}/file/table")
    known = explained(raised.value)
    assert known is not None, str(raised.value)[:1500]
    assert known.exit_code == 2
    assert "cannot be" in str(known)


def test_the_log_keeps_one_older_file(tmp_path, monkeypatch):
    from ritornello import logfile

    monkeypatch.setattr(logfile, "LARGEST", 100)
    monkeypatch.setenv("RITORNELLO_LOG", str(tmp_path / "r.log"))
    for nth in range(3):
        logfile.keep_trace(ValueError(f"number {nth} {'x' * 200}"), "test")
    assert "number 2" in (tmp_path / "r.log").read_text()
    assert "number 1" in (tmp_path / "r.log.1").read_text()
    assert len(list(tmp_path.iterdir())) == 2
