"""Bring the state of listening to an instant.

Months are counted once, and the plays since are added.
"""
