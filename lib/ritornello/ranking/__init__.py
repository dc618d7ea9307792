"""Build the feature matrix, train the ranker, and order the lists."""
