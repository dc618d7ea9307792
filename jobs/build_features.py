"""Histories, item statistics and profiles as of an instant.

spark-submit jobs/build_features.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("build-features")
