"""Audit a night's lists and serve them.

spark-submit jobs/publish.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("publish")
