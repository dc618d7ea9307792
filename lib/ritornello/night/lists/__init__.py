"""Turn state into ranked lists: factors, candidates, the ranker, recommendations."""
