"""Recognise faults of the machine in errors of Spark, Java and Python."""

import errno
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ritornello.errors import BUG, MachineError, RitornelloError, UsageError
from ritornello.logfile import keep_trace

FULL = re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE)
LEAST_ROOM = 64 << 20
AGAIN = "then run the same command again: nothing is half written"
PLACE = r"(?:file:/*)?(?P<place>/(?:[^\n:;()]*[^\s:;()])?)"  # a name may hold spaces
REFUSED = (
    rf"Mkdirs failed to create {PLACE}",
    rf"(?:Cannot create|Unable to create|mkdir of) {PLACE}",
    rf"{PLACE} \((?:Permission denied|Read-only file system|Not a directory)\)",
    rf"Parent path is not a directory: {PLACE}",
    rf"FileSystemException: {PLACE}: (?:Permission denied|Read-only file system|Not a directory|"
    r"Operation not permitted)",
    rf"java\.nio\.file\.AccessDeniedException: {PLACE}",
)
Answer = Callable[[re.Match[str]], RitornelloError]


def _no_access(match: re.Match[str]) -> RitornelloError:
    return UsageError(
        f"{match['place']} cannot be read or written: check the path and its rights, or name "
        "another folder"
    )


def _no_file_system(match: re.Match[str]) -> RitornelloError:
    return UsageError(
        f"Hadoop knows no file system for {match['scheme']}://: write a folder, or a URI such as "
        "hdfs://… or s3a://…"
    )


def _no_jar(match: re.Match[str]) -> RitornelloError:
    if "s3a" in match[0]:
        return UsageError(
            "s3a:// needs the jars of S3: run `make jars-s3` once, with network access"
        )
    if match["name"].startswith("org.apache.hadoop.fs."):
        return UsageError(
            f"the class {match['name']} is missing: name the jars of this file system in spark.jars"
        )
    return UsageError(
        f"the class {match['name']} is missing: run `make jars` once, with network access, and check "
        "spark.jars"
    )


def _always(error: type[RitornelloError], text: str) -> Answer:
    return lambda _: error(text)


# in the order in which they are tried; the first that fits explains the error
KNOWN: tuple[tuple[str, Answer], ...] = (
    (r'No FileSystem for scheme:? "?(?P<scheme>[\w+.-]+)', _no_file_system),
    (
        r"ClassNotFoundException: (?:Class )?"
        r"(?P<name>(?:org\.apache\.hadoop|io\.delta|com\.microsoft|com\.globalmentor)\S*)",
        _no_jar,
    ),
    (
        r"AccessDeniedException: (?P<place>s3a://[^\s:]+)",
        lambda match: UsageError(
            f"S3 refused access to {match['place']}: check AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or the role of this machine"
        ),
    ),
    (
        r"UnknownStoreException: `?(?P<place>s3a://[^\s:'`]+)",
        lambda match: UsageError(
            f"there is no bucket for {match['place']}: check its name and "
            "spark.hadoop.fs.s3a.endpoint"
        ),
    ),
    (
        r"NoAwsCredentials|NoAuthWithAWS|Unable to load (?:AWS )?credentials",
        _always(
            UsageError,
            "S3 needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine "
            "a role",
        ),
    ),
    (
        r"Too many open files",
        _always(
            MachineError, f"too many files are open: raise the limit (ulimit -n 4096), {AGAIN}"
        ),
    ),
    *((pattern, _no_access) for pattern in REFUSED),
    (
        r"System memory \d+ must be at least|Executor memory \d+ must be at least",
        _always(
            UsageError, "Spark has too little memory: raise spark.driver_memory, for example to 2g"
        ),
    ),
    (
        r"Could not parse Master URL: '?(?P<master>[^'\s]+)",
        lambda match: UsageError(
            f"{match['master']} is not a Spark master: write local[*] or spark://host:7077"
        ),
    ),
    (
        r"URISyntaxException: .*: (?P<place>\S+)",
        lambda match: UsageError(f"{match['place']} is not an address: check how it is written"),
    ),
    (
        r"OutOfMemoryError|Java heap space|GC overhead limit",
        _always(
            MachineError,
            "Java ran out of memory: raise spark.driver_memory (on a cluster --driver-memory and "
            f"--executor-memory), {AGAIN}",
        ),
    ),
    (
        r"Python worker exited unexpectedly|ExecutorLostFailure",
        _always(
            MachineError,
            "a worker process was lost, most likely for lack of memory: close other programs or give "
            f"executors more, {AGAIN}",
        ),
    ),
    (
        r"All masters are unresponsive|Master removed our application|Could not connect to master",
        _always(
            MachineError, "the Spark master does not answer: check spark.master and the network"
        ),
    ),
    (
        r"UnknownHostException: (?P<host>[\w.-]+)|Could not resolve host",
        _always(MachineError, "a host name cannot be resolved: check the URI and the network"),
    ),
    (
        r"SocketTimeoutException|ConnectTimeoutException|NoRouteToHostException",
        _always(MachineError, f"a server does not answer in time: check the network, {AGAIN}"),
    ),
    (
        r"Call From \S+ to (?P<host>[\w.-]+:\d+) failed on connection exception",
        lambda match: MachineError(
            f"{match['host']} does not answer: check the URI, and that HDFS is running"
        ),
    ),
    (
        r"Answer from Java side is empty|Connection refused|stopped SparkContext|"
        r"SparkContext was shut down|Error while sending or receiving",
        _always(
            MachineError,
            f"Spark's Java process ended before the job, killed or out of memory: free memory, {AGAIN}",
        ),
    ),
    (
        r"JAVA_GATEWAY_EXITED|Java gateway process exited",
        _always(
            MachineError, "Java could not be started: `ritornello doctor` says what is missing"
        ),
    ),
    (
        r"\[PATH_NOT_FOUND\] Path does not exist: (?P<place>\S+?)\.?(?:\s|$)",
        lambda match: UsageError(f"{match['place']} does not exist: check the path"),
    ),
)


def explained(error: BaseException, warehouse: str | None = None) -> RitornelloError | None:
    """Return the error to show instead, None if it is not about the machine."""
    text = _text(error)
    if FULL.search(text):
        return MachineError(f"{_full_disk(warehouse)}: make room, {AGAIN}")
    for pattern, answer in KNOWN:
        if match := re.search(pattern, text):
            return answer(match)
    for cause in _causes(error):
        if isinstance(cause, MemoryError):
            return MachineError(f"Python ran out of memory: close other programs, {AGAIN}")
        if isinstance(cause, OSError) and cause.filename:
            return _of_file(cause)
    return None


def explained_line(
    error: Exception,
    name: str,
    shown: RitornelloError | None = None,
    *,
    warehouse: str | None = None,
) -> tuple[str, int]:
    """Return the last line and the exit code after any error.

    The trace of an error that is not ours goes to the log file, which the line names.
    """
    if shown is None and isinstance(error, RitornelloError):
        return f"error: {error}", error.exit_code
    shown = shown or explained(error, warehouse)
    trace = keep_trace(error, name)
    if shown is not None:
        return f"error: {shown}", shown.exit_code
    where = f" with the trace in {trace}" if trace else ""
    lines = str(error).strip().splitlines()
    what = f"{type(error).__name__}: {lines[0][:300] if lines else ''}"
    return f"error: a bug in Ritornello, please report it{where}: {what}", BUG


def _of_file(error: OSError) -> RitornelloError:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        return UsageError(
            f"{error.filename} cannot be used ({error.strerror}): check the path and its rights, or "
            "name another"
        )
    return UsageError(f"{error.filename}: {error.strerror}: check the path")


def _text(error: BaseException) -> str:
    return "\n".join(f"{type(one).__name__}: {one}" for one in _causes(error))


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error with the errors behind it."""
    chain: list[BaseException] = []
    known: BaseException | None = error
    while known is not None and known not in chain:
        chain.append(known)
        known = known.__cause__ or known.__context__
    return chain


def _full_disk(warehouse: str | None) -> str:
    """Name the disk that is full, if it is one of this machine."""
    places = [Path.cwd(), Path(tempfile.gettempdir())]
    if warehouse and (match := re.match(r"(?:file:/*)?(/.*)", warehouse)):
        places.insert(0, Path(match[1]))
    for place in places:
        there = next((one for one in (place, *place.parents) if one.exists()), Path("/"))
        if shutil.disk_usage(there).free < LEAST_ROOM:
            return f"the disk of {place} is full"
    return "a disk is full"
