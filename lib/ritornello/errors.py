"""One exception per cause, each with the exit code of the job.

Exit codes: 0 ok, 2 usage or settings, 3 bad input, 4 quality gate, 5 another run is at work, 6 fit
failed, 7 a damaged warehouse, 70 a bug (anything else), 130 interrupted by a person. A message is one
sentence that says what happened and what to do.
"""

BUG = 70
INTERRUPTED = 130


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


class ContractError(RitornelloError):
    """A DataFrame that breaks the contract of its table, which is a bug.

    The message names every difference.
    """
