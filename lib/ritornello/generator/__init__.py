"""Generated listening: an invented catalogue and invented listeners, for smoke and scale tests.

Never evidence of quality: a ranker that does well here has learnt this model of listening.
"""
