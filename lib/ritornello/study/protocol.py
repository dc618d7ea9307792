"""Settings of a comparison that its protocol decides, or does not use."""

from collections.abc import Collection, Mapping
from typing import Any

from ritornello.errors import UsageError
from ritornello.settings.settings import Settings

GAINS = {"paper": "graded", "nightly": "binary"}  # likes count twice, a skip takes a play back
JUDGED_BY = {"paper": "all later plays", "nightly": "compare.night_horizon_days"}
USED_BY = {
    "paper": ("eligible", "test_share", "validation_listeners", "listener_seed"),
    "nightly": ("nights", "night_step_days", "night_horizon_days"),
}
OF_THE_DRAW = ("draw", "item_seed")


def with_gains(settings: Settings) -> Settings:
    """Fill in the protocol's gains where none are set."""
    gains = settings.evaluation.gains or GAINS[settings.compare.protocol]
    evaluation = settings.evaluation.model_copy(update={"gains": gains})
    return settings.model_copy(update={"evaluation": evaluation})


def unused(settings: Settings) -> dict[str, str]:
    """Return the settings that this comparison does not use.

    Each comes with the reason, worded as the end of a sentence.
    """
    protocol, items = settings.compare.protocol, settings.compare.items
    reasons = {
        f"compare.{name}": f"only compare.protocol={owner} uses it, and this is {protocol}"
        for owner, names in USED_BY.items()
        for name in names
        if owner != protocol
    }
    if items is None:
        reasons |= {f"compare.{name}": "compare.items is empty" for name in OF_THE_DRAW}
    judged_by = f"compare.protocol={protocol} judges by {JUDGED_BY[protocol]}"
    return {**reasons, "evaluation.horizon_days": judged_by}


def refuse_unused(settings: Settings, stated: Collection[str]) -> None:
    """Raise UsageError if one of the ``stated`` keys has no effect."""
    for key in unused(settings):
        if key in stated:
            raise UsageError(f"{_sentence(settings, key)}: leave it out, or change the other")


def set_but_unused(settings: Settings) -> list[str]:
    """Return a sentence for each unused setting that differs from its default.

    Such a setting comes from a file, which may serve other runs too.
    """
    defaults = Settings()
    keys = (key for key in unused(settings) if _value(settings, key) != _value(defaults, key))
    return [_sentence(settings, key) for key in keys]


def used_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings behind a comparison's figures, as JSON can hold them."""
    hidden: dict[str, set[str]] = {}
    for key in unused(settings):
        section, _, name = key.partition(".")
        hidden.setdefault(section, set()).add(name)
    exclude: Mapping[str, Any] = {**hidden, "generator": True, "spark": True}
    return settings.model_dump(mode="json", exclude=dict(exclude))


def _sentence(settings: Settings, key: str) -> str:
    return f"{key}={_value(settings, key)} has no effect, since {unused(settings)[key]}"


def _value(settings: Settings, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(settings, section), name)
