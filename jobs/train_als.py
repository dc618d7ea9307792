"""Fit ALS factors as of an instant.

reads   pair_history
writes  als_user_factors, als_item_factors
then    generate_candidates

spark-submit jobs/train_als.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("train-als")
