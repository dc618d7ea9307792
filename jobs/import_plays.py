"""Check, explode and triage a delivery of nested histories.

spark-submit jobs/import_plays.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("import-plays")
