"""All settings of a run, and the checks that look at several sections.

Product numbers live in this room, each with its default and its reason.
"""

import hashlib
from typing import Literal

from pydantic import model_validator

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
)
from ritornello.settings.playlists import PlaylistSettings
from ritornello.settings.section import Section
from ritornello.settings.session import SparkSettings
from ritornello.settings.study import ArtistSettings, CompareSettings, EvaluationSettings

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
