"""Statistics of the plays in a warehouse, as figures, a table and pictures.

spark-submit jobs/describe.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("describe")
