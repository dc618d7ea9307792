"""Settings of the night's run: leases, budgets, the audit's limits, what the operators are told."""

from typing import Literal

from pydantic import Field, model_validator

from ritornello.settings.section import Count, Positive, Section


class NightSettings(Section):
    """How a night is run."""

    lease_minutes: Positive = Field(
        360.0, description="a run that shows no sign of life for so long may be taken over"
    )
    rows_per_play: Positive = Field(
        100.0, description="a write of more rows per play of the warehouse is a runaway join"
    )
    least_row_budget: Count = Field(
        50_000_000, description="small warehouses may write so many rows at once"
    )
    ranker_every_days: Positive = Field(
        7.0, description="a ranker serves so long before another one is trained"
    )
    als_every_days: Positive = Field(
        7.0, description="factors serve so long, new listeners folded in, before another fit"
    )
    short: bool = Field(
        True, description="between fits only listeners who played and a seventh of the rest are due"
    )
    shadow_nights: int = Field(
        0,
        ge=0,
        description="nights that a new ranker is ranked and measured beside the one that serves "
        "before it serves; 0: it serves at once",
    )
    conflict_attempts: Count = Field(
        4, description="a step that met another writer is read, computed and written so often"
    )

    @model_validator(mode="after")
    def _shadows_come_into_the_light(self) -> "NightSettings":
        if self.shadow_nights and self.shadow_nights >= self.ranker_every_days:
            raise ValueError(
                "shadow_nights must be fewer than ranker_every_days: the next ranker would be "
                "trained before this one serves"
            )
        return self


class Limits(Section):
    """Beyond ``warn`` a check warns, beyond ``error`` nothing is published; empty: never."""

    warn: float | None = None
    error: float | None = None


class AuditSettings(Section):
    """What staged lists must keep to be served. Each limit is of the check of that name."""

    listeners: Count = Field(
        20_000, description="hash sample that the checks against histories and last night look at"
    )
    depth: Count = Field(40, description="places of a list that are compared with last night's")
    compare_days: Positive = Field(
        8.0, description="an older published night is no measure for this one"
    )
    seed: int = Field(7, description="of that sample")
    coverage: Limits = Field(
        Limits(warn=0.99, error=0.95), description="least share of listeners with a list"
    )
    list_length: Limits = Field(
        Limits(warn=0.9, error=0.25), description="least mean length of the mixed lists, as a share"
    )
    duplicates: Limits = Field(
        Limits(error=0.0), description="most places that repeat an item of their list"
    )
    ineligible: Limits = Field(
        Limits(error=0.0),
        description="most places with a played item as new, an unplayed one as repeat, or an "
        "item nobody had played",
    )
    disorder: Limits = Field(
        Limits(error=0.0), description="most places without a score or scored above the one before"
    )
    age_days: Limits = Field(
        Limits(warn=2.0, error=30.0), description="most days from the newest play to the night"
    )
    score_drift: Limits = Field(
        Limits(warn=0.25),
        description="most drift of the scores (population stability index); a ranker trained "
        "anew moves them, so it only warns",
    )
    offline_drop: Limits = Field(
        Limits(warn=0.05, error=0.2),
        description="most loss of the ranker's NDCG on its early-stopping day, as a share of the "
        "median of past nights",
    )
    repeat_shift: Limits = Field(
        Limits(warn=0.1, error=0.3), description="most change of the share of repeats in mixed"
    )
    stability: Limits = Field(
        Limits(warn=0.4, error=0.1), description="least share of last night's places kept"
    )

    @model_validator(mode="after")
    def _errors_lie_beyond_warnings(self) -> "AuditSettings":
        for name in type(self).model_fields:
            limits = getattr(self, name)
            if not isinstance(limits, Limits) or limits.warn is None or limits.error is None:
                continue
            least = name in AT_LEAST
            if (limits.error > limits.warn) if least else (limits.error < limits.warn):
                raise ValueError(f"{name}: error must lie beyond warn")
        return self


AT_LEAST = frozenset({"coverage", "list_length", "stability"})


class OutcomeSettings(Section):
    """What is remembered of what was shown."""

    depth: Count = Field(20, description="first places of the mixed list that count as shown")
    horizon_days: Positive = Field(7.0, description="a play within so many days is an outcome")
    late_days: Positive = Field(
        14.0, description="nights whose horizon ended so long ago take in late plays"
    )


KEPT_FOR_NIGHTS = (
    *("histories", "pair_history", "item_stats", "user_profile", "transition_sums"),
    *("als_user_factors", "als_item_factors", "als_lists", "candidates", "samples"),
    *("recommendations", "exposures", "shadow_lists"),
)


class MaintainSettings(Section):
    """How tables are kept in shape."""

    keep_days: dict[str, Count] = Field(
        dict.fromkeys(KEPT_FOR_NIGHTS, 70),
        description="slices older than the newest by more days go, by table; others stay for ever. "
        "The ranker's past days reach back 56 + 14 days by default",
    )
    crowded: Positive = Field(
        2.0, description="more files than this many times size over target file size are joined"
    )
    vacuum_hours: float = Field(
        168.0,
        ge=168.0,
        description="files that a version of so long ago needs stay; a week at least",
    )


class OperationsSettings(Section):
    """What the operators are told, and how."""

    log: Literal["text", "json"] = Field(
        "text", description="json: a line of JSON per event on standard error"
    )
    metrics_file: str | None = Field(
        None, description="Prometheus textfile that every job renews, e.g. /var/…/ritornello.prom"
    )
