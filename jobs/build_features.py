"""Histories, item statistics and profiles as of an instant.

reads   plays, tracks, recordings, united_tracks, pair_checkpoints
writes  united_tracks, pair_checkpoints, pair_history, histories, item_stats, user_profile
then    train_als

spark-submit jobs/build_features.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("build-features")
