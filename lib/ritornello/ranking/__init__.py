"""Build the feature matrix, learn the ranker, and order the lists."""
