"""Recommend artists in two stages: ALS proposes, LambdaRank orders.

reads   a data set
writes  lists, metrics, features, splits; a warehouse of its own

spark-submit jobs/artists.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("artists")
