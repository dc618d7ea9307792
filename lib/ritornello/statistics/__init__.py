"""Describe plays: figures, a LaTeX table and pictures."""
