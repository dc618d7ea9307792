"""Bring a warehouse of an older version up to date.

reads   every table
writes  every table of an older version
then    refresh

spark-submit jobs/migrate.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("migrate")
