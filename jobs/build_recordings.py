"""Find versions of one song.

spark-submit jobs/build_recordings.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("build-recordings")
