"""Maintain a warehouse: drop old slices, join small files, migrate older versions."""
