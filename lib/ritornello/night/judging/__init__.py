"""Judge a night: the lists of every method, and their metrics."""
