"""One exception per cause, each with the exit code a job ends with.

0 ok, 2 usage or settings, 3 bad input, 4 quality gate, 5 somebody else is at work, 6 fit failed,
70 a bug (anything else).
The message is one sentence that says what is wrong and what to do. 130: interrupted by a person.
"""

BUG = 70
INTERRUPTED = 130


class RitornelloError(Exception):
    """What a person can mend; everything else is a bug of ours."""

    exit_code = BUG


class UsageError(RitornelloError):
    """A wrong argument, setting or machine: nothing was read or written."""

    exit_code = 2


class BadInputError(RitornelloError):
    """An outside file cannot be trusted: the tables are as they were."""

    exit_code = 3


class QualityGateError(RitornelloError):
    """The input can be read, but too much of it is wrong to go on."""

    exit_code = 4


class AuditError(QualityGateError):
    """Staged lists failed the audit: those published before are served on."""


class RowBudgetError(QualityGateError):
    """A step was about to write more rows than it may: the table is as it was."""


class BusyError(RitornelloError):
    """Another run holds the lease: nothing was read or written."""

    exit_code = 5


class ConflictError(BusyError):
    """Another run wrote the same slice between this one's read and its commit."""


class FitFailedError(RitornelloError):
    """A model could not be trained; the previous one keeps serving."""

    exit_code = 6


class ContractError(RitornelloError):
    """A DataFrame does not keep the promise of its table: a bug, with every difference named."""
