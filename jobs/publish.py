"""Audit a night's lists and serve them.

reads   plays, users, tracks, artists, track_audio, recordings, pair_history, item_stats,
        user_profile, candidates, models, recommendations, bars, published
writes  checks, published, exposures
then    nights, rollback

spark-submit jobs/publish.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("publish")
