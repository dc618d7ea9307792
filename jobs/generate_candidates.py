"""Propose candidates from every source to every listener.

reads   plays, users, tracks, artists, track_audio, recordings, pair_history, histories,
        item_stats, user_profile, als_user_factors, als_item_factors, bars
writes  als_lists, candidates
then    recommend

spark-submit jobs/generate_candidates.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("generate-candidates")
