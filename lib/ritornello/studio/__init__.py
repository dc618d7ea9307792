"""The studio: one listener's playlists tried out in a notebook or a web page, without Spark."""
