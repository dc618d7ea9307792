"""LambdaRank from past as-of days.

spark-submit jobs/train_ranker.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("train-ranker")
