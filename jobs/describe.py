"""Compute statistics of a warehouse's plays.

reads   plays, tracks
writes  figures, a LaTeX table, pictures

spark-submit jobs/describe.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("describe")
