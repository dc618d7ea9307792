"""Rank lists for every listener.

reads   plays, users, tracks, artists, track_audio, recordings, pair_history, histories,
        item_stats, user_profile, als_lists, candidates, models, bars
writes  recommendations

spark-submit jobs/recommend.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("recommend")
