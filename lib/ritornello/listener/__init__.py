"""One listener's rows, straight from the Delta tables and without Spark: answers in seconds."""
