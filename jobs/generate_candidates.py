"""What every source proposes to every listener.

spark-submit jobs/generate_candidates.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("generate-candidates")
