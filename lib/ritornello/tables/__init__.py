"""Read and write the Delta tables, each checked against its contract."""
