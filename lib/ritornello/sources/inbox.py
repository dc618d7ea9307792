"""List the files to convert, with a reason for each that is not read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pyspark.sql import DataFrame, SparkSession

from ritornello.errors import BadInputError
from ritornello.sources.archives import Staging, is_archive, made_readable, unpack
from ritornello.sources.files import InputFile, is_visible, list_files, literal
from ritornello.sources.left_out import LeftOut, ignored, refused

PACKED = re.compile(r"\.(zip|7z|rar|tar|tgz|xz|bz2|zst|lz4)$", re.IGNORECASE)
SHOWN = 20


def anywhere(pattern: str) -> str:
    """Match a file's own name in any folder."""
    return rf"(?:.*/)?(?:{pattern})"


@dataclass(frozen=True)
class Names:
    """The names of a format's files, as patterns of the path below the folder.

    Upper and lower case are the same. ``expected`` describes the files in error messages.
    ``others`` maps patterns of known files without plays to the reason why they are not read.
    """

    wanted: str
    expected: str
    others: Mapping[str, str] = field(default_factory=dict)
    is_text: bool = True

    def judge(self, name: str) -> LeftOut | None:
        """Return the reason not to read a file of this name, or None."""
        if not is_visible(name):
            return ignored(name, "hidden, for a part of its name starts with _ or .")
        for pattern, why in self.others.items():
            if _fits(pattern, name):
                return ignored(name, why)
        if _fits(self.wanted, name):
            return None
        if packed := PACKED.search(name):
            return refused(name, f"packed as {packed.group()}, so unpack it first")
        return ignored(name, "its name is not one of this format")


def _fits(pattern: str, name: str) -> bool:
    return re.fullmatch(pattern, name, re.IGNORECASE | re.DOTALL) is not None


@dataclass(frozen=True)
class Inbox:
    """The files to read, and all others of the folder.

    A member of a zip archive is named ``archive.zip/member``.
    """

    folder: str
    names: Names
    staging: Staging
    files: tuple[InputFile, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def listed(self) -> list[str]:
        """The names of all files of the folder."""
        return [*(one.name for one in self.files), *(one.name for one in self.left_out)]

    def scan(self, file: InputFile) -> DataFrame:
        """Read all of one file, as lines or as parquet."""
        reader = self.staging.spark.read
        path = literal(file.path)
        is_text = self.names.is_text and not file.name.lower().endswith(".parquet")
        return reader.text(path) if is_text else reader.parquet(path)

    def without(self, left_out: Iterable[LeftOut]) -> "Inbox":
        """Leave out more files.

        Raises ``BadInputError`` if none is left. It lists what each file is.
        """
        every = (*self.left_out, *left_out)
        away = {one.name for one in every}
        files = tuple(one for one in self.files if one.name not in away)
        rest = replace(self, files=files, left_out=every)
        if not files:
            raise rest.error("no file can be read")
        return rest

    def error(self, problem: str) -> BadInputError:
        """Say what was expected, and what each file is that is not read."""
        every = sorted(self.left_out, key=lambda one: one.name)
        listed = [str(one) for one in every[:SHOWN]]
        if not (every or self.files):
            listed = ["the folder holds no files"]
        more = [f"and {len(every) - SHOWN} more"] if len(every) > SHOWN else []
        expected = f"{self.folder}: {problem}; expected {self.names.expected}"
        return BadInputError("; ".join([expected, *listed, *more]))


def open_inbox(spark: SparkSession, folder: str, names: Names, *, staging: Staging) -> Inbox:
    """List the files of a folder, and make those of the format readable.

    Members of archives are unpacked, and UTF-16 is written as UTF-8, both into ``staging``.
    """
    kept: list[InputFile] = []
    left_out: list[LeftOut] = []
    for file in list_files(spark, folder, hidden=True):
        for one in _members(file, names, staging):
            judged = made_readable(one, staging) if isinstance(one, InputFile) else one
            if isinstance(judged, InputFile):
                kept.append(judged)
            else:
                left_out.append(judged)
    kept.sort(key=lambda one: one.name)
    return Inbox(folder, names, staging, tuple(kept)).without(left_out)


def _members(file: InputFile, names: Names, staging: Staging) -> list[InputFile | LeftOut]:
    """Return the file, or the members of an archive, by their names."""
    if is_archive(file) and is_visible(file.name):
        return unpack(file, staging, judge=names.judge)
    return [names.judge(file.name) or file]
