"""The commands: what each job does with its arguments. Importing this registers them all."""

from ritornello.commands import deliveries, night, science

__all__ = ["deliveries", "night", "science"]
