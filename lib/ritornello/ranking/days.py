"""Which past days the ranker learns from: all windows end before what they may not see."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ritornello.errors import FitFailedError
from ritornello.settings.lists import RankerSettings


@dataclass(frozen=True)
class Days:
    """As-of instants of a fit. Training windows end on or before ``stopping``, its window at D."""

    training: tuple[datetime, ...]
    stopping: datetime
    horizon: timedelta

    @property
    def all(self) -> tuple[datetime, ...]:
        """Every as-of instant needed, oldest first."""
        return (*self.training, self.stopping)


def learning_days(as_of: datetime, first_play: datetime, settings: RankerSettings) -> Days:
    """The days of a fit as of D, oldest first; the horizon shrinks if the history is too short.

    The oldest training day leaves at least one horizon of history before it.
    """
    history = as_of - first_play
    wanted = timedelta(days=settings.horizon_days)
    horizon = min(wanted, history / 4)
    if horizon < timedelta(days=settings.min_horizon_days):
        raise FitFailedError(
            f"{history / timedelta(days=1):.1f} days of history before the as-of instant: too short"
            f" to learn from with ranker.min_horizon_days {settings.min_horizon_days:g}"
        )
    horizon = timedelta(seconds=int(horizon.total_seconds()))
    stopping = as_of - horizon
    step = timedelta(days=settings.step_days) * (horizon / wanted)
    step = timedelta(seconds=int(step.total_seconds()))
    days = [stopping - horizon - nth * step for nth in range(settings.training_days)]
    kept = [day for day in days if day - horizon >= first_play] or days[:1]
    return Days(tuple(sorted(kept)), stopping, horizon)
