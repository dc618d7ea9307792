"""Recommend artists in two stages, from the files to the table.

Every step of the run reads tables, replaces its own slice, and can be run again.
"""
