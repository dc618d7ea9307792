"""Audit a night, serve it, and record later what was played of it."""
