"""Drop old slices, join small files, remove files nobody needs.

reads   every table
writes  every table

spark-submit jobs/maintain.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("maintain")
