"""Write traces to a log file.

They are of no use to the person at the terminal.
"""

import logging
import os
import sys
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

LOG = "RITORNELLO_LOG"  # a file, or - for standard error
LARGEST = 10 << 20


def log_file() -> Path | None:
    """Return the log file, None if the log goes to standard error.

    It is the one in RITORNELLO_LOG, else ritornello.log in the state folder of the user. Under
    spark-submit, standard error is what a cluster collects.
    """
    chosen = os.environ.get(LOG)
    if chosen == "-" or (not chosen and "PYSPARK_GATEWAY_PORT" in os.environ):
        return None
    if chosen:
        return Path(chosen).absolute()
    state = os.environ.get("XDG_STATE_HOME") or str(Path("~/.local/state").expanduser())
    for folder in (Path(state) / "ritornello", Path(tempfile.gettempdir())):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder / "ritornello.log"
    return None


def keep_trace(error: BaseException, heading: str) -> str:
    """Add the trace of an error to the log, and return its path.

    The name is empty if it went to standard error.
    """
    trace = "".join(traceback.format_exception(error))
    path = log_file()
    if path is not None:
        with suppress(OSError):
            _rotate(path)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{at} {heading}\n{trace}\n")
            return str(path)
    print(trace, file=sys.stderr)
    return ""


def quiet_gateway() -> None:
    """Send what py4j logs to the log file.

    It logs traces of calls that a signal cut off.
    """
    path = log_file()
    if path is None or logging.getLogger().handlers:
        return
    with suppress(OSError):
        logging.getLogger().addHandler(logging.FileHandler(path, delay=True))


def _rotate(path: Path) -> None:
    """Keep one older file, so that the log never grows without end."""
    if path.exists() and path.stat().st_size > LARGEST:
        path.replace(path.with_name(f"{path.name}.1"))
