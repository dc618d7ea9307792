"""Compare methods on a data set and write a report.

spark-submit jobs/compare.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("compare")
