"""The stages of the two-stage artist recommender, in their order."""

STAGES = ("split", "catalogue", "als", "candidates", "features", "rerank", "lists", "evaluate")
