"""Build histories, item statistics and profiles as of an instant.

reads   plays, tracks, artists, artist_matches, track_audio, recordings, pair_checkpoints
writes  recordings, pair_checkpoints, pair_history, histories, item_stats, user_profile
then    train_als

spark-submit jobs/build_features.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("build-features")
