"""Take back the last published night, and serve the one before.

reads   published, recommendations
writes  published

spark-submit jobs/rollback.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("rollback")
