"""One exception per cause, each with the exit code a job ends with.

0 ok, 2 usage or settings, 3 bad input, 4 quality gate, 6 fit failed, 70 a bug (anything else).
The message is one sentence that says what is wrong and what to do.
"""


class RitornelloError(Exception):
    """What a person can mend; everything else is a bug of ours."""

    exit_code = 70


class UsageError(RitornelloError):
    """A wrong argument, setting or machine: nothing was read or written."""

    exit_code = 2


class BadInputError(RitornelloError):
    """An outside file cannot be trusted: the tables are as they were."""

    exit_code = 3


class QualityGateError(RitornelloError):
    """The input can be read, but too much of it is wrong to go on."""

    exit_code = 4


class FitFailedError(RitornelloError):
    """A model could not be trained; the previous one keeps serving."""

    exit_code = 6


class ContractError(RitornelloError):
    """A DataFrame does not keep the promise of its table: a bug, with every difference named."""
