"""Recognise the format of a listening log by its files, without Spark."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pyarrow import fs

from ritornello.errors import BadInputError
from ritornello.sources.archives import GZIP, HEAD_BYTES, UTF16
from ritornello.sources.formats.registry import FORMATS, Format
from ritornello.sources.places import local_path

LOOKED_INTO = 50  # files of one format whose first bytes are read
SHOWN = 5
NESTED = re.compile(r"interactions\.parquet(/.*)?")


@dataclass(frozen=True)
class Recognised:
    """The format of a folder, and the files that show it."""

    name: str
    why: str


@dataclass(frozen=True)
class Seen:
    """A file of the folder, or a member of an archive.

    ``head`` reads its first bytes, unzipped and without a byte order mark.
    """

    name: str
    head: Callable[[], bytes]


def recognise(folder: str) -> Recognised:
    """Recognise the format of a folder, a file or an archive.

    The names of the files decide, and where they say nothing, the first bytes. A URI of another
    file system than the local one is taken for a delivery: only Spark knows how to list it. Raises
    ``BadInputError`` if nothing or more than one format is recognised.
    """
    root = local_path(folder)
    if root is None:
        return Recognised("nested", "a URI is read as a delivery")
    files = list(_files(folder, root))
    if any(NESTED.fullmatch(one.name) for one in files):
        return Recognised("nested", "interactions.parquet is there")
    fitting = _fitting(files, fallback=False) or _fitting(files, fallback=True)
    if len(fitting) > 1:
        several = "; ".join(f"{name}: {why}" for name, why in fitting.items())
        raise BadInputError(
            f"{folder}: holds files of several formats ({several}): give --format, or a folder of one"
        )
    if not fitting:
        raise BadInputError(_nothing(folder, files))
    ((name, why),) = fitting.items()
    return Recognised(name, why)


def _fitting(files: list[Seen], *, fallback: bool) -> dict[str, str]:
    """Map each format that fits to the files that do."""
    return {
        name: why
        for name, one in FORMATS.items()
        if one.is_fallback == fallback and (why := _why(one, files)) is not None
    }


def _why(one: Format, files: list[Seen]) -> str | None:
    """Return the files that fit the format, in words, or None."""
    if one.names is None:
        return None
    named = [file for file in files if one.names.judge(file.name) is None]
    if one.fits is not None:
        named = [file for file in named[:LOOKED_INTO] if one.fits(file.head())]
    if not named:
        return None
    return named[0].name if len(named) == 1 else f"{named[0].name} and {len(named) - 1} more"


def _nothing(folder: str, files: list[Seen]) -> str:
    shown = ", ".join(one.name for one in files[:SHOWN]) or "no files"
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    wanted = "; ".join(
        f"{name}: {one.names.expected}" for name, one in FORMATS.items() if one.names is not None
    )
    return (
        f"{folder}: holds {shown}{more}, and no known format fits: give files of one of these: "
        f"nested: interactions.parquet; {wanted}"
    )


def _files(folder: str, local: Path) -> Iterator[Seen]:
    """Yield every file below the folder by name, with the members of zip archives."""
    system = fs.LocalFileSystem()
    root = str(local.absolute())
    info = system.get_file_info(root)
    if info.type == fs.FileType.NotFound:
        raise BadInputError(f"{folder}: there is no such folder or file")
    if info.type == fs.FileType.File:
        named = [(info.base_name, info.path)]
    else:
        every = system.get_file_info(fs.FileSelector(root, recursive=True))
        named = [
            (one.path.removeprefix(root).lstrip("/"), one.path)
            for one in every
            if one.type == fs.FileType.File
        ]
    for name, path in sorted(named):
        if name.lower().endswith(".zip"):
            yield from _members(system, name, path)
        else:
            yield Seen(name, partial(_head_of, system, path))


def _members(system: fs.FileSystem, name: str, path: str) -> Iterator[Seen]:
    """Yield the members of an archive. One that cannot be opened has none."""
    try:
        with zipfile.ZipFile(system.open_input_file(path)) as archive:
            members = [one.filename for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError):  # pyarrow raises the last one
        return

    for member in members:
        plain = member.replace("\\", "/")
        yield Seen(f"{name}/{plain}", partial(_head_of_member, system, path, member))


def _head_of(system: fs.FileSystem, path: str) -> bytes:
    return _head(system.open_input_file(path))


def _head_of_member(system: fs.FileSystem, path: str, member: str) -> bytes:
    with zipfile.ZipFile(system.open_input_file(path)) as archive:
        return _head(archive.open(member))


def _head(stream: Any) -> bytes:
    """Read the first bytes of a text, whatever it is packed and written in."""
    with stream:
        raw: bytes = stream.read(HEAD_BYTES)
    if raw[:2] == GZIP:
        try:
            raw = zlib.decompressobj(wbits=31).decompress(raw, HEAD_BYTES)
        except zlib.error:
            return b""
    if raw[:2] in UTF16:
        return raw[: len(raw) // 2 * 2].decode("utf-16", errors="replace").encode()
    return raw.removeprefix(b"\xef\xbb\xbf")
