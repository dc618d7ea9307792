"""A job ends in good order after a signal."""

import os
import signal
import threading
import time

import pytest

from ritornello.interrupts import InterruptedJobError, interruptible

READY = threading.Event()
READY.set()


def after(seconds: float, number: int) -> None:
    threading.Timer(seconds, os.kill, (os.getpid(), number)).start()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_unwinds_the_body_with_its_clean_up(number, code):
    ends = []

    def body() -> str:
        try:
            after(0.2, number)
            while True:
                time.sleep(0.01)
        except Exception:  # what a step may catch is not what ends it
            return "caught"
        finally:
            time.sleep(0.3)  # the clean-up is not cut off
            ends.append("lease")

    before = signal.getsignal(number)
    with pytest.raises(InterruptedJobError) as raised:
        interruptible(body, ready=READY)
    assert (raised.value.exit_code, raised.value.ended, ends) == (code, True, ["lease"])
    assert signal.getsignal(number) is before


def test_a_second_signal_does_not_wait_for_the_clean_up():
    over = threading.Event()

    def body() -> None:
        try:
            after(0.2, signal.SIGINT)
            after(0.6, signal.SIGINT)
            while True:
                time.sleep(0.01)
        finally:
            over.wait(20)

    begun = time.monotonic()
    with pytest.raises(InterruptedJobError) as raised:
        interruptible(body, ready=READY)
    over.set()
    assert not raised.value.ended
    assert time.monotonic() - begun < 10


def test_a_signal_waits_until_the_session_is_built():
    ready, built = threading.Event(), []

    def body() -> None:
        after(0.1, signal.SIGINT)
        time.sleep(0.5)
        built.append("session")
        ready.set()
        while True:
            time.sleep(0.01)

    with pytest.raises(InterruptedJobError):
        interruptible(body, ready=ready)
    assert built == ["session"]


def test_results_and_errors_pass_through():
    assert interruptible(lambda: 7, ready=READY) == 7
    with pytest.raises(ValueError, match="of the body"):
        interruptible(lambda: int("of the body"), ready=READY)


def test_a_signal_cancels_what_spark_is_running(spark):
    """Java answers at once, and the same session can be used for the clean-up."""
    left = []

    def body() -> None:
        try:
            after(1, signal.SIGINT)
            slow = spark.range(0, 4, 1, 4).rdd.map(lambda one: time.sleep(60))
            slow.count()
        finally:
            left.append(spark.range(5).count())

    begun = time.monotonic()
    with pytest.raises(InterruptedJobError) as raised:
        interruptible(body, ready=READY)
    assert (raised.value.ended, left) == (True, [5])
    assert time.monotonic() - begun < 50
    assert spark.range(3).count() == 3
