"""Music recommendation for people who play things again."""

__version__ = "0.2.0"
