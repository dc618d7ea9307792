"""Try out one listener's playlists in a notebook or a web page.

The studio works without Spark.
"""
