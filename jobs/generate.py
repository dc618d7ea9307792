"""Write invented listening histories.

spark-submit jobs/generate.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("generate")
