"""Copy files that Spark cannot read: zip archives, UTF-16, wrong endings.

The copies lie in a staging folder that driver and executors share. All bytes are copied within the
JVM, from any file system that Hadoop knows.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from ritornello.sources.damage import cause
from ritornello.sources.files import GLOB_SIGNS, InputFile, input_file
from ritornello.sources.left_out import EMPTY, LeftOut, ignored, refused

GZIP, ZIP, END = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
END_BYTES = 22 + 65_535  # an archive ends with a record and a comment
MOST_ENTRIES = 65_535  # where the record says so, there are this many or more
UTF16 = (b"\xff\xfe", b"\xfe\xff")
HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class Staging:
    """A folder for copies.

    ``delete`` removes it after the conversion.
    """

    spark: SparkSession
    folder: str
    numbers: "count[int]" = field(default_factory=count)

    @property
    def jvm(self) -> Any:
        return self.spark.sparkContext._jvm

    def open(self, file: InputFile) -> Any:
        """Open a file as a stream of the JVM."""
        path = self.jvm.org.apache.hadoop.fs.Path(file.path)
        return self._system(path).open(path)

    def create(self, *, packed: bool = False) -> tuple[Any, Any]:
        """Create a new file, and return its path and its stream.

        Spark unpacks only files that end in .gz.
        """
        ending = ".gz" if packed else ""
        path = self.jvm.org.apache.hadoop.fs.Path(f"{self.folder}/{next(self.numbers)}{ending}")
        return path, self._system(path).create(path, True)

    def written(self, path: Any, name: str) -> InputFile:
        """Describe a copy under the name of its original."""
        return input_file(self._system(path).getFileStatus(path), name)

    def delete(self) -> None:
        """Delete the folder with all copies."""
        path = self.jvm.org.apache.hadoop.fs.Path(self.folder)
        self._system(path).delete(path, True)

    def _system(self, path: Any) -> Any:
        return path.getFileSystem(self.spark.sparkContext._jsc.hadoopConfiguration())


def is_archive(file: InputFile) -> bool:
    """Return whether the file is a zip archive by its name."""
    return file.name.lower().endswith(".zip")


def unpack(
    archive: InputFile, staging: Staging, *, judge: Callable[[str], LeftOut | None]
) -> list[InputFile | LeftOut]:
    """Copy the members that ``judge`` does not leave out.

    An archive that cannot be read to its end is refused as a whole, an empty one is ignored.
    """
    if not archive.size:
        return [ignored(archive.name, EMPTY)]
    try:
        promised = _promised(archive, staging)
        members, entries = _members(archive, staging, judge)
    except Py4JJavaError as error:
        return [refused(archive.name, f"the archive is damaged or locked ({cause(error)})")]
    if promised is None:
        return [refused(archive.name, "not a zip archive, or cut off: fetch it again")]
    if entries != promised < MOST_ENTRIES or len({one.name for one in members}) < len(members):
        return [refused(archive.name, "the archive is damaged, or has two files of one name")]
    return members or [ignored(archive.name, "the archive holds no files")]


def _promised(archive: InputFile, staging: Staging) -> int | None:
    """Return the number of entries that the archive's end promises.

    It is None without such an end.
    """
    stream = staging.open(archive)
    try:
        stream.seek(max(0, archive.size - END_BYTES))
        tail = bytes(stream.readNBytes(END_BYTES))
    finally:
        stream.close()
    at = tail.rfind(END)
    return int.from_bytes(tail[at + 10 : at + 12], "little") if at >= 0 else None


def _members(
    archive: InputFile, staging: Staging, judge: Callable[[str], LeftOut | None]
) -> tuple[list[InputFile | LeftOut], int]:
    """Return the members, and the number of entries with folders."""
    members: list[InputFile | LeftOut] = []
    java, entries = staging.jvm.java, 0
    zipped = java.util.zip.ZipInputStream(java.io.BufferedInputStream(staging.open(archive)))
    try:
        while (entry := zipped.getNextEntry()) is not None:
            entries += 1
            if not entry.isDirectory():
                name = f"{archive.name}/{_slashes(entry.getName())}"
                members.append(judge(name) or _member(zipped, name, staging))
    finally:
        zipped.close()
    return members, entries


def _slashes(name: str) -> str:
    return name.replace("\\", "/")


def _member(zipped: Any, name: str, staging: Staging) -> InputFile:
    path, target = staging.create(packed=name.lower().endswith(".gz"))
    try:
        staging.jvm.org.apache.commons.io.IOUtils.copyLarge(zipped, target)
    finally:
        target.close()
    return staging.written(path, name)


def made_readable(file: InputFile, staging: Staging) -> InputFile | LeftOut:
    """Return the file, or a copy under its name that Spark can read.

    A file that is empty is ignored. One whose first bytes are of no text is refused.
    """
    try:
        raw = _head(file, staging)
        text = _text(raw)
    except Py4JJavaError as error:
        return refused(file.name, f"it cannot be opened ({cause(error)})")
    except zlib.error:
        return refused(file.name, "a damaged gzip file")
    if not text:
        return ignored(file.name, EMPTY)
    if text.startswith(ZIP):
        return refused(file.name, "a zip archive that does not end in .zip, so rename it")
    if text.startswith(UTF16):
        return _decoded(file, staging, packed=raw.startswith(GZIP))
    if b"\0" in text[:4] and not text.startswith(b"PAR1"):
        return refused(file.name, "no text, or UTF-16 without a byte order mark: save it as UTF-8")
    if ":" in file.name and GLOB_SIGNS.search(file.path):
        return refused(file.name, "a name with a colon and a glob sign: rename it")
    if raw.startswith(GZIP) != file.path.endswith(".gz"):
        return _copied(file, staging, packed=raw.startswith(GZIP))
    return file


def first_line(head: bytes) -> str:
    """Return the first line of a text's first bytes, trimmed, or ""."""
    lines = head.decode(errors="replace").splitlines()
    return lines[0].strip() if lines else ""


def first_text(file: InputFile, staging: Staging) -> bytes:
    """Return the first bytes of a file, unzipped and without a byte order mark."""
    return _text(_head(file, staging)).removeprefix(b"\xef\xbb\xbf").lstrip()


def _head(file: InputFile, staging: Staging) -> bytes:
    stream = staging.open(file)
    try:
        return bytes(stream.readNBytes(HEAD_BYTES))
    finally:
        stream.close()


def _text(raw: bytes) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(raw, HEAD_BYTES) if raw[:2] == GZIP else raw


def _decoded(file: InputFile, staging: Staging, *, packed: bool) -> InputFile | LeftOut:
    """Write UTF-16 as UTF-8, without the mark at its start."""
    java = staging.jvm.java
    path, target = staging.create()
    writer = java.io.OutputStreamWriter(target, "UTF-8")
    try:
        source = _stream(file, staging, packed=packed)
        decoder = java.nio.charset.Charset.forName("UTF-16").newDecoder()  # raises at wrong bytes
        reader = java.io.InputStreamReader(source, decoder)
        staging.jvm.org.apache.commons.io.IOUtils.copyLarge(reader, writer)
        reader.close()
    except Py4JJavaError as error:
        return refused(file.name, f"UTF-16 that cannot be decoded ({cause(error)})")
    finally:
        writer.close()
    return staging.written(path, file.name)


def _copied(file: InputFile, staging: Staging, *, packed: bool) -> InputFile | LeftOut:
    """Copy a file whose ending does not say whether it is gzipped."""
    path, target = staging.create()
    try:
        source = _stream(file, staging, packed=packed)
        staging.jvm.org.apache.commons.io.IOUtils.copyLarge(source, target)
        source.close()
    except Py4JJavaError as error:
        return refused(file.name, f"it cannot be read to its end ({cause(error)})")
    finally:
        target.close()
    return staging.written(path, file.name)


def _stream(file: InputFile, staging: Staging, *, packed: bool) -> Any:
    stream = staging.open(file)
    return staging.jvm.java.util.zip.GZIPInputStream(stream) if packed else stream
