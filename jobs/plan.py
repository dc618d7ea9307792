"""What a night would run, and why.

spark-submit jobs/plan.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("plan")
