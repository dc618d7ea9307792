"""Settings of nightly operation: leases, budgets, the audit, upkeep and monitoring."""

from typing import Literal

from pydantic import Field, model_validator

from ritornello.settings.section import Count, Positive, Section


class NightSettings(Section):
    """Settings of the nightly run."""

    lease_minutes: Positive = Field(
        360.0,
        description="minutes without a sign of life after which another run may take over the lease",
    )
    rows_per_play: Positive = Field(
        100.0,
        description="largest number of rows in one write, per play in the warehouse; a larger write "
        "is stopped as a runaway join",
    )
    least_row_budget: Count = Field(
        50_000_000,
        description="number of rows that one write may always have, however small the warehouse is",
    )
    ranker_every_days: Positive = Field(
        7.0, description="days that a ranker serves before the next one is trained"
    )
    als_every_days: Positive = Field(
        7.0,
        description="days that ALS factors serve before the next fit; new listeners are folded in "
        "until then",
    )
    short: bool = Field(
        True,
        description="between two fits, work only on listeners who played and a seventh of the others",
    )
    shadow_nights: int = Field(
        0,
        ge=0,
        description="number of nights that a new ranker is measured in the shadow of the serving one; "
        "0: it serves at once",
    )
    conflict_attempts: Count = Field(
        4,
        description="number of attempts at a step when another run writes the same slice in between",
    )

    @model_validator(mode="after")
    def _shadow_ends_before_the_next_ranker(self) -> "NightSettings":
        if self.shadow_nights and self.shadow_nights >= self.ranker_every_days:
            raise ValueError(
                "shadow_nights must be smaller than ranker_every_days, or the next ranker is "
                "trained before this one serves"
            )
        return self


class Limits(Section):
    """Limits of one check: a warning, and an error that stops publication.

    An empty limit is never exceeded.
    """

    warn: float | None = Field(None, description="beyond this the check warns; empty: never")
    error: float | None = Field(None, description="beyond this nothing is published; empty: never")


class AuditSettings(Section):
    """Limits that staged lists must keep to be served.

    Each limit belongs to the check of the same name.
    """

    listeners: Count = Field(
        20_000,
        description="number of listeners sampled, by a hash of their ids, for the checks against "
        "histories and against the night served before",
    )
    depth: Count = Field(
        40, description="number of first places compared with the night served before"
    )
    compare_days: Positive = Field(
        8.0, description="compare only with a night published within this many days"
    )
    seed: int = Field(7, description="random seed of that sample")
    coverage: Limits = Field(
        Limits(warn=0.99, error=0.95), description="smallest share of listeners who have a list"
    )
    list_length: Limits = Field(
        Limits(warn=0.9, error=0.25),
        description="smallest mean length of the mixed lists, as a share of recommend.length",
    )
    duplicates: Limits = Field(
        Limits(error=0.0), description="largest number of places that repeat an item of their list"
    )
    ineligible: Limits = Field(
        Limits(error=0.0),
        description="largest number of places with a played item in new, an unplayed item in repeats, "
        "or an item that nobody had played",
    )
    disorder: Limits = Field(
        Limits(error=0.0),
        description="largest number of places without a score, or with a score above the place before",
    )
    age_days: Limits = Field(
        Limits(warn=2.0, error=30.0),
        description="largest number of days from the newest play to the night",
    )
    score_drift: Limits = Field(
        Limits(warn=0.25),
        description="largest drift of the scores (population stability index); it only warns, since a "
        "newly trained ranker moves all scores",
    )
    offline_drop: Limits = Field(
        Limits(warn=0.05, error=0.2),
        description="largest loss of the ranker's NDCG on its early-stopping day, as a share of the "
        "median of earlier rankers",
    )
    repeat_shift: Limits = Field(
        Limits(warn=0.1, error=0.3),
        description="largest change of the share of repeats in the mixed lists",
    )
    stability: Limits = Field(
        Limits(warn=0.4, error=0.1),
        description="smallest mean share of a listener's first places kept from the night served "
        "before",
    )

    @model_validator(mode="after")
    def _errors_lie_beyond_warnings(self) -> "AuditSettings":
        for name in type(self).model_fields:
            limits = getattr(self, name)
            if not isinstance(limits, Limits) or limits.warn is None or limits.error is None:
                continue
            least = name in AT_LEAST
            if (limits.error > limits.warn) if least else (limits.error < limits.warn):
                side = "at or below" if least else "at or above"
                raise ValueError(f"{name}: error must lie {side} warn")
        return self


AT_LEAST = frozenset({"coverage", "list_length", "stability", "volume_low"})


class VolumeSettings(Section):
    """Limits of a day's plays, as a share of that weekday's usual ones.

    Usual is the median of the four weeks before. A night beyond `error` stops before lists are made.
    """

    low: Limits = Field(Limits(warn=0.2), description="smallest share of the usual plays")
    high: Limits = Field(Limits(warn=5.0), description="largest share of the usual plays")
    least_plays: Count = Field(
        1000, description="fewest usual plays of a day for which the share is checked"
    )


class OutcomeSettings(Section):
    """Settings of exposures and outcomes: shown places, and plays that followed."""

    depth: Count = Field(
        20, description="number of first places of the mixed list that count as shown"
    )
    horizon_days: Positive = Field(
        7.0, description="days after a night in which a play counts as an outcome"
    )
    late_days: Positive = Field(
        14.0,
        description="days after the end of its horizon during which a night still takes in late plays",
    )


KEPT_FOR_NIGHTS = (
    *("histories", "pair_history", "item_stats", "user_profile", "transition_sums"),
    *("als_user_factors", "als_item_factors", "als_lists", "candidates", "samples"),
    *("recommendations", "exposures", "shadow_lists"),
)


class MaintainSettings(Section):
    """Settings of `maintain`: the age of slices and the number of files."""

    keep_days: dict[str, Count] = Field(
        dict.fromkeys(KEPT_FOR_NIGHTS, 91),
        description="days, by table; `maintain` drops slices older than the newest one by more. Tables "
        "that are not named are kept for ever. The default covers the ranker's past days, which "
        "reach back 84 days, and a week",
    )
    crowded: Positive = Field(
        2.0,
        description="files of a partition are joined when there are more than this many times its "
        "size divided by the target file size",
    )
    vacuum_hours: float = Field(
        168.0,
        ge=168.0,
        description="hours; files that any table version of this period needs are kept; at least a week",
    )


class OperationsSettings(Section):
    """Settings of logs and metrics for the operators."""

    log: Literal["text", "json"] = Field(
        "text", description="json writes a line of JSON per event to standard error"
    )
    metrics_file: str | None = Field(
        None,
        description="Prometheus textfile that every job rewrites, e.g. /var/…/ritornello.prom; empty: "
        "none",
    )
