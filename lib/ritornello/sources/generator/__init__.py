"""Generated listening: an invented catalogue and invented listeners, for smoke and scale tests.

Never evidence of quality: a ranker that does well here has learnt this model of listening.
"""

from ritornello.sources.generator.settings import GeneratorSettings
from ritornello.sources.generator.write import generate, write

__all__ = ["GeneratorSettings", "generate", "write"]
