"""ALS factors as of an instant.

spark-submit jobs/train_als.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("train-als")
