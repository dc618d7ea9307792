"""A whole night in one session.

spark-submit jobs/refresh.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("refresh")
