"""Generated listening: an invented catalogue and invented listeners, for smoke and scale tests.

Never evidence of quality: a ranker that does well here has learnt this model of listening.
`write` makes it with Spark and is imported by its own name: settings are read without.
"""

from ritornello.sources.generator.settings import GeneratorSettings

__all__ = ["GeneratorSettings"]
