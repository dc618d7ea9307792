"""Compare methods on a data set and write a report.

reads   a data set
writes  metrics.json, table.tex, report.html; a warehouse of its own

spark-submit jobs/compare.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("compare")
