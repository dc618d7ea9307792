"""Ranked lists for every listener.

reads   users, tracks, pair_history, histories, item_stats, user_profile, als_lists, candidates,
        models
writes  recommendations
then    publish, evaluate, make_playlists

spark-submit jobs/recommend.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("recommend")
