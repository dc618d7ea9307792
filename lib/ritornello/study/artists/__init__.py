"""Artists by two stages: every stage reads tables, replaces its own slice, and can be run again."""
