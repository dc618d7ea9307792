"""The nights of the tests."""

from jobs.fixtures import generated, night, night_with_another_future

__all__ = ["generated", "night", "night_with_another_future"]
