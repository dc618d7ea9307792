"""Compute metrics of lists, their intervals, and paired tests between methods."""
