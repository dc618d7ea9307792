"""Audit a night, serve it, and record its outcomes."""
