"""Fit ALS, fold listeners in, and search the best items by their factors."""
