"""Judge the lists and every baseline by later plays.

reads   plays, tracks, recordings, pair_history, histories, item_stats, user_profile,
        als_user_factors, als_item_factors, als_lists, candidates, recommendations
writes  evaluations

spark-submit jobs/evaluate.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("evaluate")
