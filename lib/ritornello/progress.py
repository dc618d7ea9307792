"""A progress bar over the tasks that Spark is running."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


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
