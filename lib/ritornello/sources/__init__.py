"""Read files from outside: nested parquet, catalogues, other formats, the generator."""
