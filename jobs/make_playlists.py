"""Playlists for the moment.

spark-submit jobs/make_playlists.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("make-playlists")
