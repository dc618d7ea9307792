"""Run a night, from stored plays to published and judged lists."""
