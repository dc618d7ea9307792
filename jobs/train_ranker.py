"""Train a LambdaRank ranker on past as-of days.

reads   plays, users, tracks, artists, artist_matches, track_audio, bars
writes  recordings, pair_checkpoints, pair_history, histories, item_stats, user_profile,
        als_user_factors, als_item_factors, samples, models
then    recommend

spark-submit jobs/train_ranker.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("train-ranker")
