"""Show which steps a night would run, and why.

reads   every table of a night
writes  a table on the console
then    refresh

spark-submit jobs/plan.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("plan")
