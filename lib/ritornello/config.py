"""Strict settings: YAML files layered in order, then ``--set key.sub=value``.

An unknown key, a wrong type or an impossible value stops a job before Spark starts; the error names
file, line and key. Product numbers live here, each with its default and its reason.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from ritornello.errors import UsageError
from ritornello.instants import parse_instant
from ritornello.night_settings import (
    AuditSettings,
    MaintainSettings,
    NightSettings,
    OperationsSettings,
    OutcomeSettings,
)
from ritornello.playlists.settings import PlaylistSettings
from ritornello.sections import Count, Instant, Section, Share
from ritornello.sources.generator.settings import GeneratorSettings


class SparkSettings(Section):
    """Where Spark runs. On a cluster ``master`` is empty and spark-submit decides."""

    master: str | None = Field("local[*]", description="empty: as given to spark-submit")
    driver_memory: str = Field("3g", pattern=r"^\d+[gm]$", description="heap in local mode")
    shuffle_partitions: Count = Field(4, description="tasks of a shuffle; fixed, so results repeat")
    adaptive: bool = Field(False, description="adaptive execution outside the fits")
    jars: str = Field(".jars", description="folder of jars in local mode, filled by `make jars`")
    properties: dict[str, str] = Field({}, description="further spark.* properties, as they are")


class ImportSettings(Section):
    """What a delivery may look like."""

    max_rejected_share: Share = Field(0.05, description="more rejected plays stop the import")
    max_retracted_share: Share = Field(
        0.05,
        description="a full delivery that lacks more of its listeners' stored plays is refused",
    )
    earliest_play: Instant = Field(
        parse_instant("2002-01-01"), description="an older play is a wrong clock"
    )
    received_until: Instant | None = Field(
        None, description="a later play is in the future; empty: the newest play delivered"
    )


class FormatSettings(Section):
    """How outside formats are read by `convert`."""

    without_track_id: Literal["reject", "names"] = Field(
        "reject", description="an event without a track id: no play, or known by artist and name"
    )
    min_play_seconds: Annotated[float, Field(ge=0)] = Field(
        30.0, description="a shorter play of an account export is a skip, weight -1"
    )
    min_played_percent: Annotated[float, Field(ge=0)] = Field(
        50.0, description="less of a track played (Yambda) is a skip, weight -1"
    )
    listener: str | None = Field(None, description="who listened where a file does not say")


class CatalogueSettings(Section):
    """An outside catalogue of artists and tracks, and how names are matched to it."""

    normaliser: Literal["exact", "basic", "loose", "alphanumeric"] = Field(
        "alphanumeric", description="the loosest way names may agree; stricter ones come first"
    )
    fuzzy_threshold: Annotated[float, Field(ge=50, le=100)] | None = Field(
        None, description="similarity from which other names are nearly the same; empty: off"
    )
    fuzzy_block: Count = Field(
        500, description="a block of more catalogue names is too common to compare within"
    )
    aliases: str | None = Field(
        None, description="a file alias,name beside the catalogue's own aliases.csv"
    )
    homonyms: Literal["evidence", "published"] = Field(
        "evidence",
        description="who a shared name is: by songs played and genres, or the most popular",
    )
    vectors: Literal["votes", "published"] = Field(
        "votes", description="artist vectors by votes of plays and co-artists, or all tracks alike"
    )
    min_plays: Count = Field(1, description="of an artist by a listener, to be in `joined`")
    max_rejected_share: Share = Field(0.05, description="more broken lines stop the import")
    unite_recordings: bool = Field(
        False, description="count versions of one song (remaster, single, live) as one track"
    )
    duration_tolerance_seconds: Annotated[float, Field(ge=0)] = Field(
        60.0, description="two songs of one title whose lengths differ more are two recordings"
    )


class FeatureSettings(Section):
    """Histories and what is counted of them."""

    user_buckets: Count = Field(4, description="slices of a checkpoint, by user")
    history_length: Count = Field(2048, description="plays kept per listener in `histories`")
    rhythm_days: Count = Field(90, description="days the rhythm of day and week is read from")
    transition_half_life_days: float = Field(
        365.0, ge=30, description="days in which a month's transitions fade by half"
    )


class AlsSettings(Section):
    """MLlib ALS on log1p(plays). ``reg`` is scaled by each row's number of ratings."""

    rank: Count = 32
    iterations: Count = 8
    reg: float = Field(0.1, gt=0)
    alpha: float = Field(10.0, gt=0, description="confidence of a rating: 1 + alpha * rating")
    weighting: Literal["none", "bm25", "tfidf"] = Field("none", description="of log1p(plays)")
    blocks: Count = Field(4, description="fixed, so factors repeat")
    seed: int = 7


class CandidateSettings(Section):
    """How many candidates each source brings per listener."""

    own_history: Count = Field(300, le=2000, description="of the listener's played items")
    als: Count = Field(100, le=1000, description="unplayed items by ALS")
    own_artists: Count = Field(100, le=1000, description="unplayed tracks of the own artists")
    popular: Count = Field(100, le=1000, description="unplayed items popular of late")
    artists_per_user: Count = Field(30, description="the listener's best artists that are asked")
    tracks_per_artist: Count = Field(40, description="an artist's best tracks that are offered")
    popular_depth: Count = Field(
        2000, description="how far down the popular list unplayed items are looked for"
    )


class RankerSettings(Section):
    """LambdaRank and the past days it learns from."""

    horizon_days: Annotated[float, Field(gt=0)] = Field(28.0, description="labels: plays this far")
    min_horizon_days: Annotated[float, Field(gt=0)] = Field(
        1.0, description="a shorter history than this allows cannot be learnt from"
    )
    training_days: Count = Field(3, description="past as-of days that are learnt from")
    step_days: Annotated[float, Field(gt=0)] = Field(14.0, description="between training days")
    listeners: Count = Field(500, description="hash sample of listeners per training day")
    trees: Count = 500
    leaves: Annotated[int, Field(ge=2)] = 31
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    min_rows_in_leaf: Count = 50
    feature_share: Share = 0.8
    bagging_share: Share = 0.8
    l2: Annotated[float, Field(ge=0)] = 1.0
    early_stopping_rounds: Count = 40
    truncation: Count = Field(100, description="LambdaRank looks at pairs down to this rank")
    tasks: Count = Field(
        1, description="barrier tasks of the fit; with one the model repeats on any machine"
    )
    threads: Count = Field(2, description="threads of a task of the fit")
    deadline_minutes: Annotated[float, Field(gt=0)] = 60.0
    attempts: Annotated[int, Field(ge=1, le=3)] = 2
    seed: int = 7


class RecommendSettings(Section):
    """What is published."""

    length: Annotated[int, Field(ge=1, le=1000)] = Field(100, description="items per list")


class ExplorationSettings(Section):
    """Places that are drawn by chance, so that later nights can judge what was not ranked first."""

    slots: int = Field(
        0, ge=0, description="drawn places of the list `explored`, its last ones; 0: no such list"
    )
    places: Count = Field(20, description="places of the list `explored`")
    pool: Count = Field(
        100, description="first places of mixed: those that are not shown anyway are drawn from"
    )
    seed: int = Field(7, description="of the draw, which is another one every night")

    @model_validator(mode="after")
    def _there_is_a_choice(self) -> "ExplorationSettings":
        if self.slots and not self.slots <= self.places < self.pool:
            raise ValueError("slots may be as many as places, and the pool must be larger")
        return self


class EvaluationSettings(Section):
    """How nights are judged."""

    horizon_days: Annotated[float, Field(gt=0)] | Literal["to_end"] = Field(
        28.0, description="days of test plays after the as-of instant, or to_end"
    )
    gains: Literal["binary", "graded"] = Field(
        "binary", description="graded: a like counts 2, a play 1; a skip or dislike takes it back"
    )


class ArtistSettings(Section):
    """Artists by two stages: ALS proposes what was never played, LambdaRank orders it."""

    split: Literal["auto", "temporal", "random"] = Field(
        "auto", description="auto: in time where plays have one, else by a hash of the pairs"
    )
    val_share: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.1, description="of pairs, or time")
    test_share: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.1, description="likewise")
    seeds: list[int] = Field([42], min_length=1, description="of the hash that splits pairs")
    min_pairs: Count = Field(2, description="artists of a listener, listeners of an artist")
    top_n: Annotated[int, Field(ge=10, le=1000)] = Field(200, description="candidates by ALS")
    k: Literal[5, 10, 40, 100] = Field(10, description="where metrics are read in the table")
    alphas: list[Share] = Field(
        [0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0],
        min_length=1,
        description="share of the ranker in the blend; the best on validation serves",
    )
    als: AlsSettings = AlsSettings(
        rank=64, iterations=15, reg=0.25, alpha=1.0, weighting="bm25", seed=42
    )
    ranker: RankerSettings = RankerSettings(
        trees=300, leaves=7, learning_rate=0.05, early_stopping_rounds=30, truncation=20, seed=42
    )
    neighbours: Count = Field(100, description="kept per artist for the cosine of artists")
    pairs_per_user: Count = Field(100, description="artists of a listener that cosines look at")
    tags_per_artist: Count = Field(30, description="tags an artist is known by")
    ease_items: Count = Field(7000, description="bounded catalogue of the baseline ease; 1: none")
    published: bool = Field(True, description="run the published recipe beside ours")


class CompareSettings(Section):
    """A comparison of methods on one data set, and how the data are split for it."""

    protocol: Literal["paper", "nightly"] = "paper"
    eligible: Literal["everyone", "published"] = Field(
        "everyone",
        description="who is judged: all with plays on both sides of the test's border, or as "
        "published those with two before the validation's border",
    )
    methods: list[str] = Field([], description="names from docs/methods.md; empty: all of them")
    items: Count | None = Field(None, description="reduce to so many items; empty: keep all")
    draw: Literal["popularity", "uniform", "most_popular"] = Field(
        "popularity", description="how items are drawn"
    )
    item_seed: int = Field(27, description="of the draw of items")
    listener_seed: int = Field(31337, description="of the draw of validation listeners")
    test_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.1, description="newest share of all plays that is the test; then validation likewise"
    )
    validation_listeners: Count = Field(2048, description="at most; and at most a tenth of all")
    stored: Annotated[int, Field(ge=100, le=1000)] = Field(900, description="items listed")
    nights: Count = Field(8, description="as-of days of the nightly protocol")
    night_step_days: Annotated[float, Field(gt=0)] = Field(7.0, description="between those days")
    night_horizon_days: Annotated[float, Field(gt=0)] = Field(7.0, description="of each night")
    count_half_life_days: Literal[1, 3, 7, 14, 30, 60, 120, 365] = Field(
        30, description="PPS counts plays that fade with this half-life"
    )
    tuning_listeners: Count = Field(1000, description="hash sample that options are tuned on")
    items_per_user: Count = Field(
        100, description="items of a listener that neighbours are asked of"
    )
    neighbours: Count = Field(50, description="neighbours kept per item")
    scored_per_user: Count = Field(600, description="items a neighbour method scores per listener")
    pool_listeners: Count = Field(
        2000, description="listeners that tifu_knn looks for neighbours in"
    )
    ease_items: Count = Field(2000, description="items of the bounded catalogue of ease")


# sections that say where and how a run goes, not what comes of it
WITHOUT_RESULT = {
    *("spark", "warehouse", "generator", "formats"),
    *("night", "audit", "outcomes", "maintain", "operations"),
}


class Settings(Section):
    """All settings of a run; the same keys everywhere."""

    warehouse: str = "./warehouse"
    item_kind: Literal["track", "artist"] = "track"
    spark: SparkSettings = SparkSettings()
    generator: GeneratorSettings = GeneratorSettings()
    imports: ImportSettings = ImportSettings()
    formats: FormatSettings = FormatSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    features: FeatureSettings = FeatureSettings()
    als: AlsSettings = AlsSettings()
    candidates: CandidateSettings = CandidateSettings()
    ranker: RankerSettings = RankerSettings()
    recommend: RecommendSettings = RecommendSettings()
    exploration: ExplorationSettings = ExplorationSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    compare: CompareSettings = CompareSettings()
    artists: ArtistSettings = ArtistSettings()
    playlists: PlaylistSettings = PlaylistSettings()
    night: NightSettings = NightSettings()
    audit: AuditSettings = AuditSettings()
    outcomes: OutcomeSettings = OutcomeSettings()
    maintain: MaintainSettings = MaintainSettings()
    operations: OperationsSettings = OperationsSettings()

    @model_validator(mode="after")
    def _groups_fit_lightgbm(self) -> "Settings":
        sources = self.candidates
        size = sources.own_history + sources.als + sources.own_artists + sources.popular
        if size > 10_000:
            raise ValueError(f"{size} candidates per listener; LightGBM takes 10,000 a group")
        return self

    @model_validator(mode="after")
    def _what_is_drawn_is_remembered(self) -> "Settings":
        if self.exploration.slots and self.exploration.places > self.outcomes.depth:
            raise ValueError(
                "exploration.places must not be more than outcomes.depth: all that was drawn must be "
                "remembered, or its chances are wrong"
            )
        return self

    def fingerprint(self, *sections: str) -> str:
        """Short hash of these sections, else of every setting that can change a result."""
        if sections:
            kept = self.model_dump_json(include=set(sections))
        else:
            kept = self.model_dump_json(exclude=WITHOUT_RESULT)
        return hashlib.sha256(kept.encode()).hexdigest()[:12]


def load_settings(files: Iterable[str | Path], overrides: Iterable[str] = ()) -> Settings:
    """Settings from YAML files (later ones win) and ``key.sub=value`` overrides, all checked."""
    values: dict[str, Any] = {}
    places: dict[tuple[str, ...], str] = {}
    for file in files:
        _merge(values, _read_yaml(Path(file), places))
    for override in overrides:
        _merge(values, _read_override(override, places))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise UsageError(_explain(error, places)) from None


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _read_yaml(path: Path, places: dict[tuple[str, ...], str]) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise UsageError(f"{path}: settings cannot be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise UsageError(f"{path}{line}: not YAML ({getattr(error, 'problem', error)})") from None
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path}:1: settings are a mapping of keys to values")
    _note_places(node, (), str(path), places)
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def _note_places(
    node: yaml.MappingNode, above: tuple[str, ...], path: str, places: dict[tuple[str, ...], str]
) -> None:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = (*above, str(key_node.value))
        place = f"{path}:{key_node.start_mark.line + 1}"
        if key[-1] in seen:
            raise UsageError(f"{place}: {'.'.join(key)} stands here a second time")
        seen.add(key[-1])
        places[key] = place
        if isinstance(value_node, yaml.MappingNode):
            _note_places(value_node, key, path, places)


def _read_override(override: str, places: dict[tuple[str, ...], str]) -> dict[str, Any]:
    name, equals, text = override.partition("=")
    keys = tuple(part.strip() for part in name.split("."))
    if not equals or not all(keys):
        raise UsageError(f"--set {override}: write key.sub=value")
    for depth in range(1, len(keys) + 1):
        places[keys[:depth]] = f"--set {override}"
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise UsageError(f"--set {override}: the value is not YAML") from None
    for key in reversed(keys):
        value = {key: value}
    nested: dict[str, Any] = value
    return nested


def _explain(error: ValidationError, places: dict[tuple[str, ...], str]) -> str:
    return "; ".join(
        _explain_one(
            tuple(str(part) for part in detail["loc"]), detail["type"], detail["msg"], places
        )
        for detail in error.errors()
    )


def _explain_one(
    loc: tuple[str, ...], kind: str, message: str, places: dict[tuple[str, ...], str]
) -> str:
    known = next((loc[:n] for n in range(len(loc), 0, -1) if loc[:n] in places), ())
    key = ".".join(known or loc) or "settings"
    what = "unknown key" if kind == "extra_forbidden" else message.removeprefix("Value error, ")
    return f"{places.get(known, 'settings')}: {key}: {what}"
