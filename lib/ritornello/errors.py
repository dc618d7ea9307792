"""One exception per cause, each with the exit code of the job.

A message is one sentence that says what happened and what to do.
"""

BUG = 70
INTERRUPTED = 130
TERMINATED = 143

EXIT_CODES = {
    0: "ok",
    2: "usage or settings",
    3: "bad input",
    4: "quality gate",
    5: "another run is at work",
    6: "a fit failed, the last model keeps serving",
    7: "a damaged or missing file of the warehouse",
    8: "the machine failed: a full disk, too little memory, a lost connection",
    BUG: "a bug",
    INTERRUPTED: "interrupted by Ctrl-C",
    TERMINATED: "ended by SIGTERM",
}


class RitornelloError(Exception):
    """An error that a person can fix. Anything else is a bug of ours."""

    exit_code = BUG


class UsageError(RitornelloError):
    """A wrong argument, setting or machine. Nothing was read or written."""

    exit_code = 2


class BadInputError(RitornelloError):
    """An external file that cannot be trusted. The tables are unchanged."""

    exit_code = 3


class QualityGateError(RitornelloError):
    """Readable input of which too much is wrong to go on."""

    exit_code = 4


class AuditError(QualityGateError):
    """Staged lists that failed the audit. The lists published before stay."""


class RowBudgetError(QualityGateError):
    """A write that exceeded its row budget. The table is unchanged."""


class BusyError(RitornelloError):
    """A run refused because another run holds the lease.

    Nothing was read or written.
    """

    exit_code = 5


class ConflictError(BusyError):
    """A write that lost to another run's commit of the same slice."""


class FitFailedError(RitornelloError):
    """A fit that failed. The previous model keeps serving."""

    exit_code = 6


class DamagedError(RitornelloError):
    """A file of the warehouse that is missing, cut short or has flipped bits.

    The message names the file and the command that mends it.
    """

    exit_code = 7


class MachineError(RitornelloError):
    """A disk, memory, process or network that failed under a job.

    No table is half written, so the same command goes on once it is mended.
    """

    exit_code = 8


class ContractError(RitornelloError):
    """A DataFrame that breaks the contract of its table, which is a bug.

    The message names every difference.
    """
