"""Every night of a range of days.

spark-submit jobs/backfill.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("backfill")
