"""Compute what is known of pairs, items and listeners as of an instant."""
