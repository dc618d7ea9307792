"""Ranked lists for every listener.

spark-submit jobs/recommend.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("recommend")
