"""Bring a warehouse of an older version up to date.

spark-submit jobs/migrate.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("migrate")
