"""External formats of listening logs, one module each, all turned into the project's own."""
