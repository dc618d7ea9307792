"""All settings of a run, and the checks across several sections.

Numbers that shape the product live in this package, each with its default and its reason.
"""

import hashlib
from typing import Literal

from pydantic import Field, model_validator

from ritornello.settings.generator import GeneratorSettings
from ritornello.settings.intake import CatalogueSettings, FormatSettings, ImportSettings
from ritornello.settings.lists import (
    AlsSettings,
    CandidateSettings,
    ExplorationSettings,
    FeatureSettings,
    RankerSettings,
    RecommendSettings,
)
from ritornello.settings.night import (
    AuditSettings,
    MaintainSettings,
    NightSettings,
    OperationsSettings,
    OutcomeSettings,
    VolumeSettings,
)
from ritornello.settings.playlists import PlaylistSettings
from ritornello.settings.section import Section
from ritornello.settings.sequence import SequenceSettings
from ritornello.settings.session import SparkSettings
from ritornello.settings.study import ArtistSettings, CompareSettings, EvaluationSettings

# sections that decide where and how a run works, but not its results
WITHOUT_RESULT = {
    *("spark", "warehouse", "generator", "formats"),
    *("night", "volume", "audit", "outcomes", "maintain", "operations"),
}


class Settings(Section):
    """All settings of a run, with the same keys on every machine."""

    warehouse: str = Field("./warehouse", min_length=1, description="folder or URI of the tables")
    item_kind: Literal["track", "artist"] = Field(
        "track",
        description="what is recommended: track or artist; it also names the folder in the warehouse",
    )
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
    sequence: SequenceSettings = SequenceSettings()
    artists: ArtistSettings = ArtistSettings()
    playlists: PlaylistSettings = PlaylistSettings()
    night: NightSettings = NightSettings()
    volume: VolumeSettings = VolumeSettings()
    audit: AuditSettings = AuditSettings()
    outcomes: OutcomeSettings = OutcomeSettings()
    maintain: MaintainSettings = MaintainSettings()
    operations: OperationsSettings = OperationsSettings()

    @model_validator(mode="after")
    def _groups_fit_lightgbm(self) -> "Settings":
        sources = self.candidates
        size = sources.own_history + sources.als + sources.own_artists + sources.popular
        if size > 10_000:
            raise ValueError(
                f"the sources propose {size:,} candidates per listener, but LightGBM takes at most "
                "10,000: lower candidates.own_history, als, own_artists or popular"
            )
        return self

    @model_validator(mode="after")
    def _every_explored_place_is_logged(self) -> "Settings":
        if self.exploration.slots and self.exploration.places > self.outcomes.depth:
            raise ValueError(
                "exploration.places must not exceed outcomes.depth: every explored place must be "
                "logged, or its propensity is wrong"
            )
        return self

    def text_of(self, *sections: str) -> str:
        """Return these sections as JSON: the same settings, the same text."""
        return self.model_dump_json(include=set(sections))

    def fingerprint(self, *sections: str) -> str:
        """Return a short hash of these sections.

        Without sections, hash every setting that can change a result.
        """
        every = self.model_dump_json(exclude=WITHOUT_RESULT)
        kept = self.text_of(*sections) if sections else every
        return hashlib.sha256(kept.encode()).hexdigest()[:12]
