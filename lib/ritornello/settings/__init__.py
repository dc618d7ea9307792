"""Strict settings, one file per stage of the pipeline, read from YAML."""
