"""Read one listener's rows from the Delta tables without Spark, in seconds."""
