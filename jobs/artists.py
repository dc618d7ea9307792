"""Artists by two stages: ALS proposes, LambdaRank orders.

spark-submit jobs/artists.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("artists")
