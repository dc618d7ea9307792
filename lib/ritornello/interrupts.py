"""End a job in good order on Ctrl-C or SIGTERM."""

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Generic, TypeVar

GRACE_SECONDS = 60.0
POLL_SECONDS = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM)

Result = TypeVar("Result")


class InterruptedJobError(Exception):
    """A job that was asked to end.

    ``ended``: whether its clean-up ran to the end.
    """

    def __init__(self, number: int, *, ended: bool) -> None:
        super().__init__(f"interrupted by {signal.Signals(number).name}")
        self.exit_code = 128 + number
        self.ended = ended


class _Interrupted(BaseException):
    """Raised inside the thread of a job, so that every ``finally`` runs."""


class _Job(threading.Thread, Generic[Result]):
    """A thread that runs the job, with its result or its error.

    The main thread stays free for signals: one that waits for Java gets none.
    """

    def __init__(self, body: Callable[[], Result]) -> None:
        super().__init__(name="job", daemon=True)
        self.body = body
        self.result: Result | None = None
        self.error: BaseException | None = None
        self.unwinding = threading.Event()

    def run(self) -> None:
        try:
            self.result = self.body()
        except BaseException as error:
            self.error = error

    def interrupt(self) -> None:
        """Raise _Interrupted in the thread as soon as it runs Python again."""
        unwinding = self.unwinding

        class Interrupted(_Interrupted):
            def __init__(self) -> None:
                unwinding.set()
                _forget_connection()

        if self.ident is not None:
            kind, thread = ctypes.py_object(Interrupted), ctypes.c_ulong(self.ident)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, kind)


def interruptible(body: Callable[[], Result], *, ready: threading.Event) -> Result:
    """Return the result of ``body``, or raise InterruptedJobError after a signal.

    On the first signal Spark's jobs are cancelled and ``body`` is unwound, but not before ``ready``,
    because a Java process that is just starting would print a trace. After a second signal, or a
    minute, ``body`` is not waited for any longer.
    """
    if threading.current_thread() is not threading.main_thread():
        return body()
    job = _Job(body)
    with _caught(SIGNALS) as signals:
        job.start()
        while job.is_alive() and not signals:
            job.join(POLL_SECONDS)
        if signals:
            _unwind(job, signals, ready)
            raise InterruptedJobError(signals[0], ended=not job.is_alive()) from None
    if job.error is not None:
        raise job.error
    return job.result  # type: ignore[return-value]  # it ended without an error


def _unwind(job: _Job[Result], signals: list[int], ready: threading.Event) -> None:
    give_up = time.monotonic() + GRACE_SECONDS

    def waiting() -> bool:
        return job.is_alive() and len(signals) < 2 and time.monotonic() < give_up

    while waiting() and not ready.is_set():
        job.join(POLL_SECONDS)
    job.interrupt()
    while waiting():
        if not job.unwinding.is_set():  # the clean-up needs jobs of its own
            _cancel_jobs()
        job.join(POLL_SECONDS)


@contextmanager
def _caught(numbers: tuple[signal.Signals, ...]) -> Iterator[list[int]]:
    """Collect signals while the block runs."""
    seen: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        seen.append(number)

    with handled(numbers, note):
        yield seen


@contextmanager
def handled(
    numbers: tuple[signal.Signals, ...], handler: Callable[[int, FrameType | None], None]
) -> Iterator[None]:
    """Handle these signals while the block runs, and as before after it."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _cancel_jobs() -> None:
    """Cancel all jobs, so that Java answers the thread that waits."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    if context is not None:
        with suppress(Exception):
            context.cancelAllJobs()


def _forget_connection() -> None:
    """Let this thread open a new connection to Java.

    The old one may still have an answer to come.
    """
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None:
        with suppress(AttributeError):
            gateway._gateway_client.thread_connection.connection = None
