"""Small outside files with invented names, and what a conversion of them holds."""

import gzip
import io
from collections import Counter
from pathlib import Path

from rich.console import Console

from ritornello.intake.convert import convert
from ritornello.job import Context
from ritornello.settings.intake import FormatSettings
from ritornello.settings.settings import Settings
from ritornello.sources.archives import Staging
from ritornello.sources.delivery import staged
from ritornello.sources.formats.registry import FORMATS
from ritornello.sources.inbox import open_inbox
from ritornello.tables.store import Store


def write(path: Path, content: str | bytes) -> Path:
    """A text file, gzipped where its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


def read_events(spark, name, folder, **formats) -> list:
    """All events by file, line and reason; the entries counted before are all there."""
    staging = Staging(spark, f"{folder}.unpacked")
    inbox = open_inbox(spark, str(folder), FORMATS[name].names, staging=staging)
    reading = FORMATS[name].read(spark, inbox, FormatSettings(**formats))
    rows = sorted(
        staged(reading.events).collect(), key=lambda row: (row.file, row.line, str(row.reason))
    )
    assert Counter(row.file for row in rows) == dict(reading.counted)
    return rows


def taken(rows) -> list[tuple]:
    """(listener, track, time, weight) of the plays, sorted."""
    return sorted(
        (row.listener_key, row.track_key, str(row.played_at), row.weight)
        for row in rows
        if row.reason is None
    )


def rejected(rows) -> list[tuple]:
    """(file, line, reason) of everything else, in order."""
    return [(row.file, row.line, row.reason) for row in rows if row.reason is not None]


class Converted:
    """A converted folder, read back; ``printed`` is what a person saw."""

    def __init__(self, spark, name, folder, out, **formats):
        self.spark, self.out, self.console = spark, str(out), Console(file=io.StringIO(), width=200)
        settings = Settings(warehouse=f"{out}/warehouse", formats=FormatSettings(**formats))
        context = Context(spark, Store(spark, settings.warehouse), settings, self.console)
        self.sentence = convert(context, name=name, folder=str(folder), out=str(out))

    @property
    def printed(self) -> str:
        return self.console.file.getvalue()

    def rows(self, name: str) -> list:
        return self.spark.read.parquet(f"{self.out}/{name}.parquet").collect()

    def listeners(self) -> dict:
        return {row.source_user_key: row.character_index for row in self.rows("listeners")}

    def tracks(self) -> dict:
        return {row.track_id: row for row in self.rows("tracks")}

    def plays(self) -> list[tuple]:
        """(listener's key, track's key, time without the zone, weight), sorted."""
        keys = {index: key for key, index in self.listeners().items()}
        tracks = {row.track_index: key for key, row in self.tracks().items()}
        return sorted(
            (keys[row.character_index], tracks[one.track_index], one.timestamp[:-4], one["1"])
            for row in self.rows("interactions")
            for one in row.actions
        )

    def quarantine(self) -> list[tuple]:
        """(file, line, reason), sorted."""
        return sorted((row.file, row.line, row.reason) for row in self.rows("quarantine"))
