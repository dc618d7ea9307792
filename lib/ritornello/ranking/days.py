"""Past days that the ranker learns from, none of which looks ahead."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ritornello.errors import FitFailedError
from ritornello.settings.lists import RankerSettings


@dataclass(frozen=True)
class Days:
    """As-of instants of a fit.

    Training windows end on or before ``stopping``, whose own window ends at D.
    """

    training: tuple[datetime, ...]
    stopping: datetime
    horizon: timedelta

    @property
    def all(self) -> tuple[datetime, ...]:
        """Return every as-of instant that the fit needs, oldest first."""
        return (*self.training, self.stopping)


def learning_days(as_of: datetime, first_play: datetime, settings: RankerSettings) -> Days:
    """Choose the days of a fit as of D, oldest first.

    If the history is too short, the horizon shrinks. The oldest training day leaves at least one
    horizon of history before it.
    """
    history = as_of - first_play
    longest = timedelta(days=settings.horizon_days)
    horizon = min(longest, history / 4)
    if horizon < timedelta(days=settings.min_horizon_days):
        raise FitFailedError(
            f"the history of {history / timedelta(days=1):.1f} days before the as-of instant is too short "
            f"to train a ranker with ranker.min_horizon_days={settings.min_horizon_days:g}: "
            "use a later as-of instant or lower that setting"
        )
    horizon = timedelta(seconds=int(horizon.total_seconds()))
    stopping = as_of - horizon
    step = timedelta(days=settings.step_days) * (horizon / longest)
    step = timedelta(seconds=int(step.total_seconds()))
    days = [stopping - horizon - nth * step for nth in range(settings.training_days)]
    kept = [day for day in days if day - horizon >= first_play] or days[:1]
    return Days(tuple(sorted(kept)), stopping, horizon)
