"""Show that a run is alive, by a file renewed every minute.

It is small and written without a Spark task, so that a long stage cannot hold it up.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from pyspark.sql import SparkSession

from ritornello.tables.creation import delete_file, write_text
from ritornello.telemetry import Telemetry

BEAT_SECONDS = 60.0
SILENCE = timedelta(minutes=5)  # a run that was silent for longer counts as dead


@contextmanager
def beating(
    spark: SparkSession, file: str, text: Callable[[], str], telemetry: Telemetry
) -> Iterator[None]:
    """Renew the file every minute while the block runs, then delete it."""
    over = threading.Event()

    def keep_beating() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                write_text(spark, file, text())
            except Exception as error:  # one file that cannot be written is not the end of the run
                telemetry.event("heartbeat_failed", error=type(error).__name__)

    write_text(spark, file, text())
    thread = threading.Thread(target=keep_beating, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=BEAT_SECONDS)
        delete_file(spark, file)
