"""Forbid a track, an artist or explicit tracks.

reads   bars, recommendations, playlists, cand_tracks, plays, users, tracks, artists
writes  bars, recommendations, published, playlists, cand_tracks

spark-submit jobs/bar.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("bar")
