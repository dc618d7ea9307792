"""Judge the lists and every baseline by later plays.

spark-submit jobs/evaluate.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("evaluate")
