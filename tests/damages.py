"""Damage the files of a Delta table as disks and object stores do: without their .crc files."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from ritornello.tables.store import Store


def file_of(table: Path, part: str) -> Path:
    """The newest version's data file whose path holds ``part``."""
    paths = pa.table(DeltaTable(str(table)).get_add_actions())["path"].to_pylist()
    (path,) = [unquote(path) for path in paths if part in path]
    return table / path


def commits(table: Path) -> list[Path]:
    """The commits of a table's log, oldest first."""
    return sorted((table / "_delta_log").glob("*.json"))


def flip_a_bit(file: Path) -> None:
    """Flip one bit within the data of the first column's page."""
    column = pq.ParquetFile(file).metadata.row_group(0).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    data = bytearray(file.read_bytes())
    data[start + column.total_compressed_size - 3] ^= 1
    write(file, bytes(data))


def cut_in_half(file: Path) -> None:
    data = file.read_bytes()
    write(file, data[: len(data) // 2])


def remove(file: Path) -> None:
    without_crc(file)
    file.unlink()


def write(file: Path, data: bytes) -> None:
    without_crc(file)
    file.write_bytes(data)


def without_crc(file: Path) -> None:
    file.with_name(f".{file.name}.crc").unlink(missing_ok=True)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "flipped bit": (flip_a_bit, "is damaged"),
    "cut in half": (cut_in_half, "is damaged"),
    "removed": (remove, "is missing"),
}
LISTS = (
    "user_id int, source_user_id string, list string, rank int, track_id int, "
    "source_track_id string, score double, source string, last_played_at timestamp, "
    "propensity double"
)


def write_lists(store: Store, *nights: object, listeners: int = 300) -> None:
    """Lists of one place, listener by listener, night by night, in one file a night."""
    for night in nights:
        rows = [
            (user, str(user), "mixed", 1, user % 7, str(user % 7), user / 7, "als", None, None)
            for user in range(listeners)
        ]
        frame = store.spark.createDataFrame(rows, LISTS).coalesce(1)
        store.replace("recommendations", frame, as_of=night)
