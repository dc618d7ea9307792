"""A job's console, and a progress bar over the tasks that Spark is running."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pyspark.sql import SparkSession
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class JobConsole(Console):
    """A console whose job goes on when nobody reads its output any more."""

    def on_broken_pipe(self) -> None:
        """Write no more, as after ``ritornello refresh | head``. Rich would end the process."""
        self.quiet = True
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def job_console(*, stderr: bool) -> JobConsole:
    """Return the console of a job, 120 characters wide outside a terminal."""
    console = JobConsole(stderr=stderr)
    return console if console.is_terminal else JobConsole(stderr=stderr, width=120)


@contextmanager
def progress_bar(console: Console, spark: SparkSession, label: str) -> Iterator[None]:
    """Show a progress bar while the block runs.

    Show nothing if the console is not a terminal (pipes, CI).
    """
    if not console.is_terminal:
        yield
        return
    columns = (TextColumn("  {task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(label, total=None)
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(spark, progress, task, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join(timeout=2)


def _watch(spark: SparkSession, progress: Progress, task: TaskID, done: threading.Event) -> None:
    tracker = spark.sparkContext.statusTracker()
    while not done.wait(0.5):
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        total = sum(stage.numTasks for stage in stages if stage)
        completed = sum(stage.numCompletedTasks for stage in stages if stage)
        progress.update(task, total=total or None, completed=completed)
