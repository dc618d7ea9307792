"""Strict settings: one file per part of the way of the data, and how YAML becomes them."""
