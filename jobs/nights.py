"""Show the last published nights: audits, minutes and live precision.

reads   published, checks, outcomes, runs
writes  nights.html, nights.json

spark-submit jobs/nights.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("nights")
